import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const cache = new URL("../node_modules/.cache/sequent-blog/", import.meta.url);
let strip;

/** A hook for Node's loader. Blanks take the place of types, so lines and columns stay as they are in the source. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith(".ts")) return nextLoad(url, context);
  const source = await readFile(new URL(url), "utf8");
  return { format: "module", source: await strippedOf(source), shortCircuit: true };
}

/** Taking the types away is nearly half of the work of a start, so the result is kept. */
async function strippedOf(source) {
  const kept = new URL(`${createHash("sha1").update(source).digest("hex")}.js`, cache);
  try {
    return await readFile(kept, "utf8");
  } catch {
    strip ??= (await import("@swc/wasm-typescript")).transform;
    const { code } = await strip(source, { mode: "strip-only", module: true });
    keep(kept, code);
    return code;
  }
}

function keep(file, code) {
  try {
    mkdirSync(cache, { recursive: true });
    const path = fileURLToPath(file);
    writeFileSync(`${path}.${process.pid}`, code);
    renameSync(`${path}.${process.pid}`, path); // whole at once: another process may read it
  } catch {} // not everybody may write there
}
