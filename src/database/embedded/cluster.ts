import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { spawnTypeScript } from "./spawn.ts";

const NAME = "postgres";
const UNFINISHED = `${NAME}.tmp-`;

/** Small buffers, since the kernel caches the files as well; a log without the statements and their data. */
const SETTINGS = ["shared_buffers=16MB", "min_wal_size=32MB", "log_min_messages=log"];

export const clusterDirectory = (dataDirectory: string): string => join(dataDirectory, NAME);

/**
 * Creates the cluster unless it is there; only under the lock. A cluster that is half written never opens again, so it
 * gets its name when it is whole. The process that fills it ends, because it would keep hundreds of megabytes for ever.
 */
export async function ensureCluster(dataDirectory: string): Promise<void> {
  removeLeftovers(dataDirectory);
  const cluster = clusterDirectory(dataDirectory);
  if (existsSync(join(cluster, "PG_VERSION"))) return;
  // PGlite would fill it in place, which cannot be killed safely.
  if (existsSync(cluster)) throw new Error(`${cluster} is not a data directory of Postgres; move it away`);

  const unfinished = join(dataDirectory, `${UNFINISHED}${process.pid}-${Date.now()}`);
  mkdirSync(unfinished, { mode: 0o700 });
  const child = spawnTypeScript(new URL("./create-cluster.ts", import.meta.url), [unfinished], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const code = await new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  if (code !== 0) throw new Error(`creating the database in ${unfinished} failed (exit ${code})`);
  renameSync(unfinished, cluster);
}

function removeLeftovers(dataDirectory: string): void {
  for (const left of readdirSync(dataDirectory).filter((name) => name.startsWith(UNFINISHED))) {
    try {
      rmSync(join(dataDirectory, left), { recursive: true, force: true });
    } catch {
      // The child of a host that was killed may still be writing; its directory is in nobody's way until the next time.
    }
  }
}

/** Opens PGlite; only under the lock. What Postgres logs goes to `log`, at once and in its stack. */
export function openCluster(directory: string, log: (line: string) => void): Promise<PGlite> {
  const tell = (line: string): boolean => {
    log(line);
    return false;
  };
  return PGlite.create(directory, {
    startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ["-c", setting])],
    onStdout: tell,
    onStderr: tell,
  });
}
