import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { blocksOf } from "./guide.ts";
import { until } from "./until.ts";

export const isHaproxyInstalled = spawnSync("haproxy", ["-v"]).status === 0;

/** HAProxy as docs/guides/scaling.md sets it up, in front of two ports. Each answer names its server. Ends with the test. */
export async function startHaproxy(port: number, one: number, two: number): Promise<void> {
  const [guide = ""] = blocksOf("docs/guides/scaling.md", "haproxy");
  const settings = guide
    .replace(":80", `127.0.0.1:${port}`)
    .replace("10.0.0.1:3000", `127.0.0.1:${one}`)
    .replace("10.0.0.2:3000", `127.0.0.1:${two}`);
  const directory = await mkdtemp(join(tmpdir(), "sequent-blog-haproxy-"));
  const file = join(directory, "haproxy.cfg");
  await writeFile(file, `${settings}  http-response set-header X-Server %s\n`);
  const child = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "close");
    await rm(directory, { recursive: true });
  });
  await until(() => answers(`http://127.0.0.1:${port}/readyz`), 20_000);
}

export function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
