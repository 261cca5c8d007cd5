import { existsSync, readdirSync, statSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";
import { Refused } from "../../src/bin/command.ts";

/** A place for a project: a folder that is not there yet, or has nothing in it but `.git`. */
export function newFolder(folder: string, template: string): void {
  const way = relative(template, folder); // absolute, if it leads to another drive of Windows
  if (way.split(sep)[0] !== ".." && !isAbsolute(way))
    throw new Refused(`${folder} is inside of this project. Choose a folder outside, such as ../shop.`);
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new Refused(`${folder} is a file. Choose another name.`);
  const found = readdirSync(folder).filter((name) => name !== ".git");
  if (found.length > 0)
    throw new Refused(
      `${folder} is not empty: it has ${found[0]} in it. Choose a new folder, or empty this one.`,
    );
}
