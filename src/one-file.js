import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const cache = fileURLToPath(new URL("../node_modules/.cache/sequent-blog/", import.meta.url));
const day = 24 * 60 * 60 * 1_000;

/**
 * Runs a program in TypeScript. Read file by file, a program takes a third of a second and 30 MB more to start. So all of it
 * is made into one file first, anew at each start and in less than a tenth of a second.
 */
export async function run(program) {
  let file = fileURLToPath(program);
  try {
    file = write(await bundle(file), `${basename(file, ".ts")}-`);
    process.setSourceMapsEnabled(true);
  } catch {
    // If esbuild is not installed, or no file can be written, it starts more slowly.
    await import("./typescript.js");
  }
  await import(pathToFileURL(file));
}

async function bundle(program) {
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [program],
    outdir: cache,
    entryNames: "[name]-[hash]",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    sourcemap: "linked",
    write: false,
    plugins: [placesOfSources],
  });
  await stop();
  return outputFiles;
}

/** A module may use its own address to find files next to it, so it gets the address of its source. */
const placesOfSources = {
  name: "places-of-sources",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", () => `"${pathToFileURL(path)}"`),
      loader: "ts",
    }));
  },
};

/** Writes the files that are missing, under names that change with the content, and gives the file to start. */
function write(files, name) {
  mkdirSync(cache, { recursive: true });
  for (const { path, contents } of files) {
    if (existsSync(path)) {
      utimesSync(path, new Date(), new Date()); // still needed: see tidy
      continue;
    }
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path); // whole at once: another process may start as well
  }
  tidy(new Set(files.map(({ path }) => path)));
  return files.find(({ path }) => basename(path).startsWith(name) && path.endsWith(".mjs"))?.path;
}

/** Each change of a source leaves files behind. Programs that started more than a day ago have long read theirs. */
function tidy(needed) {
  try {
    for (const path of readdirSync(cache).map((name) => join(cache, name))) {
      const isOld = Date.now() - statSync(path).mtimeMs > day;
      if (isOld && !needed.has(path)) rmSync(path);
    }
  } catch {} // somebody else tidies as well, or only they may
}
