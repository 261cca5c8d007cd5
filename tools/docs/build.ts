import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Files } from "./site.ts";

/** Writes the site into a folder, over what is there. No file is deleted. */
export function build(files: Files, folder: string): void {
  for (const [address, content] of files) {
    const file = join(folder, address);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content());
  }
}
