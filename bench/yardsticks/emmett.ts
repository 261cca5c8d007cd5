import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messageOf, runTypeScript, stop } from "../harness/child.ts";
import type { Cleanup } from "../harness/cleanup.ts";
import type { Rate } from "../harness/rate.ts";
import type { Store } from "../harness/store.ts";
import type { Job } from "./emmett/program.ts";

const directory = fileURLToPath(new URL("emmett/", import.meta.url));

/** Installs Emmett in its own folder on first use. False if that failed. */
export async function installEmmett(): Promise<boolean> {
  if (existsSync(`${directory}node_modules`)) return true;
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: directory,
    stdio: "ignore",
  });
  const [code] = await once(npm, "close");
  return code === 0;
}

export async function startEmmett(
  { url = "" }: Store,
  cleanup: Cleanup,
): Promise<(task: Job) => Promise<Rate>> {
  const child = fork(`${directory}program.ts`, {
    execArgv: runTypeScript,
    env: { ...process.env, DATABASE_URL: url },
  });
  cleanup.defer(() => stop(child));
  await messageOf(child);
  return async (task) => {
    child.send(task);
    return (await messageOf(child)) as Rate;
  };
}
