import { spawnSync } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { packages, programOf } from "../programs.ts";
import type { Project } from "../rendering/project.ts";

/** A new word may be the name of something else already. The compiler sees it, with the packages that are installed here. */
export function compile(folder: string, { name, rename }: Pick<Project, "name" | "rename">): void {
  const tsc = programOf("tsc");
  const link = join(folder, "node_modules");
  symlinkSync(packages, link, "junction");
  const { status, stdout } = spawnSync(process.execPath, [tsc], { cwd: folder, encoding: "utf8" });
  rmSync(link);
  if (status === 0) return;
  const lines = stdout.split("\n").filter((line) => /^\S.*error TS/.test(line));
  const words = [name, ...Object.values(rename)].join(", ");
  throw new Refused(`These words cannot be used: ${words}. One of them is the name of something else in the project or in its
packages, so it would not compile. Choose another with --name or --rename. Nothing was made.

${lines.slice(0, 5).join("\n")}
`);
}
