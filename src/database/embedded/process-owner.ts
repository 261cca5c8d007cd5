import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync } from "node:fs";
import { DatabaseUnavailable } from "../check-server.ts";
import { instead } from "./binaries.ts";

/** How to run a command of Postgres, which refuses to run as root: with a prefix, or as another user. */
export interface ProcessOwner {
  readonly prefix: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

const nobody = { uid: 65534, gid: 65534 };
const namespace = ["--user", `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`];

/**
 * The user of this program or, if that is root, the owner of the files. If root owns the files too, Postgres runs in a
 * namespace in which root has another name. If the system allows no namespace, the files are given to the user "nobody".
 */
export function processOwner(dataDirectory: string, cluster: string, programs: string): ProcessOwner {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const { uid, gid } = existsSync(cluster) ? lstatSync(cluster) : { uid: 0, gid: 0 };
  if (uid !== 0) return { prefix: [], uid, gid };
  if (spawnSync("unshare", [...namespace, "true"]).status === 0) return { prefix: ["unshare", ...namespace] };
  chmodSync(dataDirectory, 0o711); // "nobody" can enter the folder, but not list it; only their owners can read the files
  const reach = ["-c", 'cd "$1" && "$2/postgres" --version', "sh", dataDirectory, programs];
  if (spawnSync("sh", reach, nobody).status === 0) return { prefix: [], ...nobody };
  throw new DatabaseUnavailable(
    `Postgres refuses to run as root, and the user "nobody" cannot reach ${dataDirectory} or ${programs}. ` +
      `Start the blog as another user, or set DATA_DIR to a folder that every user may enter. ${instead}`,
  );
}

export function give(path: string, { uid, gid }: ProcessOwner): void {
  if (uid !== undefined) execFileSync("chown", ["-R", `${uid}:${gid}`, path]);
}
