import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { connect as connectTo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../../src/database/database.ts";
import { recreate, settingsOfWorker } from "../support/database.ts";
import { copiedInto, instructionsOf } from "../support/dockerfile.ts";
import { portOf, type RunningProcess, run } from "../support/process.ts";
import { until } from "../support/until.ts";

const server = "src/server.ts";
let env: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  const settings = await settingsOfWorker("server");
  const database = await connect(settings);
  await recreate(database);
  await database.close();
  env = { DATABASE_URL: settings.databaseUrl };
});

const alive = (port: number) => fetch(`http://localhost:${port}/healthz`).then(({ status }) => status);

describe("a start", () => {
  test("says in one line where the blog is and on which database", async () => {
    const started = await run(server, env);
    const port = await portOf(started);
    expect(started.output().trim().split("\n")).toHaveLength(1);
    expect(started.output()).toContain(" on ");
    expect(await alive(port)).toBe(200);
    expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(200);
  });

  test("a taken port leads to one line that says what to do", async () => {
    const other = createServer().listen(0);
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    for (const WEB_CONCURRENCY of ["1", "2"]) {
      const started = await run(server, { ...env, PORT: String(port), WEB_CONCURRENCY });
      expect(await started.ended).toBe(1);
      expect(started.output()).toBe(
        `Port ${port} is taken. Stop what listens there, or choose another one, as in PORT=${port + 1}\n`,
      );
    }
    other.close();
  });

  test("it listens on one address, if that is wanted", async () => {
    const started = await run(server, { ...env, BIND_ADDRESS: "127.0.0.1" });
    const [, port] = await started.wrote(/The blog is at http:\/\/127\.0\.0\.1:(\d+)/);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.2:${port}/healthz`)).rejects.toThrow();
    const nowhere = await run(server, { ...env, BIND_ADDRESS: "192.0.2.1" });
    expect(await nowhere.ended).toBe(1);
    expect(nowhere.output()).toMatch(/^192\.0\.2\.1 is not an address of this machine\..*\n$/);
  });

  test("a public blog that is not in production is warned that its pages show errors", async () => {
    const started = await run(server, { ...env, PUBLIC_URL: "https://blog.example.com" });
    await started.wrote(/"warn".*NODE_ENV is not production/);
  });

  test("invalid settings are listed, without a stack", async () => {
    const started = await run(server, { ...env, PORT: "no", NODE_ENV: "production" });
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(/PORT is "no"[\s\S]*SESSION_SECRET is needed/);
    expect(started.output()).not.toMatch(/^ {4}at /m);
  });

  test("an unreachable database leads to one line, without a stack", async () => {
    const started = await run(server, { DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" });
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(
      /^Cannot use Postgres at 127\.0\.0\.1:1\/nothing: nothing listens there.*\n$/,
    );
  });

  test.each(["1", "2"])("npm start runs it as one file, in %s processes", async (WEB_CONCURRENCY) => {
    const started = await run("src/start.js", { ...env, WEB_CONCURRENCY }, []);
    const port = await portOf(started);
    const answer = await fetch(`http://localhost:${port}/no-such-page`);
    const page = await answer.text();
    expect([answer.status, page]).toEqual([404, expect.stringContaining("<footer")]);
    const [, styles = ""] = /href="(\/assets\/blog[^"]+)"/.exec(page) ?? [];
    expect((await fetch(`http://localhost:${port}${styles}`)).status).toBe(200);
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
  });

  test("--help explains it, and any other option is refused", async () => {
    const asked = await run("src/start.js", env, [], ["--help"]);
    expect(await asked.ended).toBe(0);
    expect(asked.output()).toMatch(/^npm start\n\nStarts the blog/);
    const wrong = await run(server, env, undefined, ["--port", "4000"]);
    expect(await wrong.ended).toBe(1);
    expect(wrong.output()).toMatch(/^Not understood: --port 4000\n\nnpm start\n/);
  });

  test("npm start also prepares an empty database", async () => {
    const started = await run("src/start.js", {}, []);
    const port = await portOf(started);
    expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(200);
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
  }, 60_000);

  test("npm start works in a directory with any name", async () => {
    const directory = await copyOfTheBlog("a $& 100% #b");
    await symlink(resolve("node_modules"), join(directory, "node_modules"), "junction");
    const started = await run(join(directory, "src/start.js"), env, []);
    expect(await alive(await portOf(started))).toBe(200);
  });

  test("npm start and the programs need no optional packages and none for development", async () => {
    const directory = await copyOfTheBlog("blog");
    const { dependencies } = JSON.parse(await readFile("package.json", "utf8"));
    for (const name of Object.keys(dependencies)) {
      await mkdir(dirname(join(directory, "node_modules", name)), { recursive: true });
      await symlink(resolve("node_modules", name), join(directory, "node_modules", name), "junction");
    }
    const hook = ["--import", pathToFileURL(join(directory, "src/typescript.js")).href];
    const migrated = await run(join(directory, "src/bin/migrate.ts"), env, hook);
    expect(await migrated.ended, migrated.output()).toBe(0);
    const started = await run(join(directory, "src/start.js"), env, []);
    const answer = await fetch(`http://localhost:${await portOf(started)}/no-such-page`);
    expect(await answer.text()).toContain("<footer");
  });

  test("npm start removes only what starts of earlier days have left", async () => {
    const cache = "node_modules/.cache/sequent-blog";
    await mkdir(cache, { recursive: true });
    const [old, recent] = [join(cache, "old-ABCDEFGH.mjs"), join(cache, "recent-ABCDEFGH.mjs")];
    for (const file of [old, recent]) await writeFile(file, "");
    onTestFinished(() => rm(recent, { force: true }));
    const yesterday = Date.now() / 1_000 - 25 * 60 * 60;
    await utimes(old, yesterday, yesterday);
    const started = await run("src/start.js", env, []);
    expect(await alive(await portOf(started))).toBe(200);
    expect(existsSync(old)).toBe(false);
    expect(existsSync(recent)).toBe(true);
  });

  test("tsx can also run it, with several processes", async () => {
    const started = await run("src/server.ts", { ...env, WEB_CONCURRENCY: "2" }, [
      "node_modules/tsx/dist/cli.mjs",
    ]);
    expect(await alive(await portOf(started))).toBe(200);
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
  });
});

describe("a stop", () => {
  const slow = "test/fixtures/slow-server.ts";

  /** This many requests wait for an answer. */
  const held = async (started: RunningProcess, count = 1) => {
    const port = await portOf(started);
    const answers = Array.from({ length: count }, () => fetch(`http://localhost:${port}/held`));
    for (const answer of answers) answer.catch(() => {}); // whoever awaits it gets the error
    await started.wrote(new RegExp(`(asked /held[\\s\\S]*){${count}}`));
    return { port, answers };
  };
  const isClosed = (port: number) =>
    fetch(`http://localhost:${port}/`).then(
      () => false,
      () => true,
    );

  test.each(["SIGTERM", "SIGINT"] as const)("%s lets requests finish, then exits with 0", async (signal) => {
    const started = await run(slow, env);
    const { port, answers } = await held(started, 5);
    started.child.kill(signal);
    await until(() => isClosed(port)); // no new ones are taken
    started.child.kill("SIGUSR2");
    for (const answer of await Promise.all(answers)) expect(await answer.text()).toBe("done");
    expect(await started.ended).toBe(0);
  });

  test("idle connections do not delay it", async () => {
    const started = await run(slow, env);
    const port = await portOf(started);
    const [idle, silent] = [connectTo(port), connectTo(port)];
    idle.write("GET /idle HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(idle, "data");
    await started.wrote(/(connected[\s\S]*){2}/);
    expect([idle.closed, silent.closed]).toEqual([false, false]);
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
    expect(started.output()).toContain('"stopping"');
    expect(started.output()).not.toContain("stopped before these were answered");
  });

  test("a second signal ends it at once", async () => {
    const started = await run(slow, env);
    const { port, answers } = await held(started);
    started.child.kill("SIGTERM");
    await until(() => isClosed(port));
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(1);
    await expect(answers[0]).rejects.toThrow();
  });

  test.each(["/crash", "/reject"])(
    "%s: an uncaught error is logged, requests finish, and it exits with 1",
    async (path) => {
      const started = await run(slow, env);
      const { port, answers } = await held(started);
      fetch(`http://localhost:${port}${path}`).catch(() => {});
      await started.wrote(/"level":"fatal".*(nobody catches this|nor this).*"stack"/);
      started.child.kill("SIGUSR2");
      expect(await (await answers[0])?.text()).toBe("done");
      expect(await started.ended).toBe(1);
    },
  );
});

describe("several processes", () => {
  /** Without the helper of tsx, which is also a child of the first process. */
  const workersOf = ({ child }: RunningProcess) =>
    execFileSync("ps", ["-ww", "-o", "pid=,args=", "--ppid", String(child.pid)], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes("src/server.ts"))
      .map((line) => Number.parseInt(line, 10));

  async function cluster(): Promise<{ started: RunningProcess; port: number }> {
    const started = await run(server, { ...env, WEB_CONCURRENCY: "2" });
    const port = await portOf(started);
    expect(workersOf(started)).toHaveLength(2);
    return { started, port };
  }

  test("a process that crashes is replaced, and pages are always served", async () => {
    const { started, port } = await cluster();
    const [first = 0] = workersOf(started);
    process.kill(first, "SIGKILL");
    await until(() => workersOf(started).every((pid) => pid !== first));
    for (let time = 0; time < 10; time += 1) expect(await alive(port)).toBe(200);
    await until(() => workersOf(started).length === 2);
    expect(started.output()).toMatch(/worker ended/);
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
  });

  test("a process that ends closes no connection that it has not begun to read", async () => {
    const { started, port } = await cluster();
    const [first = 0] = workersOf(started);
    process.kill(first, "SIGSTOP");
    const url = `http://localhost:${port}/healthz`;
    const asked = Array.from({ length: 8 }, () => fetch(url, { signal: AbortSignal.timeout(20_000) }));
    await Promise.any(asked); // they come in
    process.kill(first, "SIGKILL");
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(8).fill(200));
  });

  test("processes that end at once are replaced more and more slowly", async () => {
    const started = await run("test/fixtures/failing-workers.ts", {});
    const port = await portOf(started);
    await fetch(`http://localhost:${port}/`).catch(() => {});
    await started.wrote(
      /"code":7.*"replacedInMs":500[\s\S]*"code":8.*"replacedInMs":1000[\s\S]*"replacedInMs":2000/,
    );
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
  });

  test("all end with the first, orderly on SIGTERM", async () => {
    const { started, port } = await cluster();
    const workers = workersOf(started);
    started.child.kill("SIGTERM");
    expect(await started.ended).toBe(0);
    await expect(alive(port)).rejects.toThrow();
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow();
  });

  test("a terminal that signals all of them at once is one signal", async () => {
    const { started } = await cluster();
    for (const pid of workersOf(started)) process.kill(pid, "SIGINT");
    started.child.kill("SIGINT");
    expect(await started.ended).toBe(0);
    expect(started.output().match(/"stopping"/g)).toHaveLength(1);
  });

  test("none remains when the first is killed", async () => {
    const { started } = await cluster();
    const workers = workersOf(started);
    started.child.kill("SIGKILL");
    await started.ended;
    await until(() => workers.every((pid) => !isRunning(pid)));
  });
});

/** What the Dockerfile copies, in a directory with that name, without packages. */
async function copyOfTheBlog(name: string): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "sequent-blog-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, name);
  const copies = instructionsOf(await readFile("Dockerfile", "utf8")).filter(([name]) => name === "COPY");
  for (const part of copies.flatMap(([, text]) => copiedInto(text)))
    await cp(part, join(directory, part), { recursive: true });
  return directory;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
