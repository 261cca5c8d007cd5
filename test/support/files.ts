import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export function filesIn(folder: string, ending: string): string[] {
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file.replaceAll(sep, "/")}`);
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
