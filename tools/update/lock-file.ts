import { spawnSync } from "node:child_process";
import { Git } from "../git.ts";
import type { Changes } from "./changes.ts";

const file = "package-lock.json";
const isWindows = process.platform === "win32"; // where npm is a script

/**
 * Lets npm make the lock file right after a merge: it takes package.json as it is, and understands a lock file with
 * conflicts. Returns false if it is not right: package.json has conflicts, or npm cannot reach its registry.
 */
export function mendLockFile(project: string, { changes, conflicts }: Changes, prefix: string): boolean {
  const git = new Git(project);
  const isOf = (name: string) => (each: { path: string }) => each.path === prefix + name;
  const touched = [...changes, ...conflicts];
  if (!touched.some(isOf(file)) && !touched.some(isOf("package.json"))) return true;
  if (git.list("ls-files", "-z", "--", file).length === 0) return true; // this project does without

  const args = ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--fetch-retries=0"];
  const { status } = spawnSync("npm", args, { cwd: project, shell: isWindows, stdio: "ignore" });
  if (status === 0) git.run(["add", "--", file]);
  return status === 0;
}
