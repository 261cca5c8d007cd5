import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, stop } from "esbuild";

// Starts server.ts. Read file by file through a loader of TypeScript, it takes half a second and 30 MB more. So all of it
// is made into one file first, anew at each start and in less than a tenth of a second.

const server = new URL("./server.ts", import.meta.url);
const cache = new URL("../node_modules/.cache/sequent-blog/", import.meta.url);

/** A module that asks where it is, to find what lies beside it, is told where its source is. */
const placesOfSources = {
  name: "places-of-sources",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", `"${pathToFileURL(path)}"`),
      loader: "ts",
    }));
  },
};

/** Writes what is not there yet, under names that change with the content, and gives the file to start. */
function write(files) {
  mkdirSync(cache, { recursive: true });
  for (const { path, contents } of files) {
    if (existsSync(path)) continue;
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path); // whole at once: another process may start as well
  }
  return files.find(({ path }) => /\bserver-\w+\.mjs$/.test(path))?.path;
}

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(server)],
  outdir: fileURLToPath(cache),
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

let file;
try {
  file = write(outputFiles);
} catch {
  // Where nothing may be written, it starts more slowly.
  await import("tsx");
  file = fileURLToPath(server);
}
process.setSourceMapsEnabled(true);
await import(pathToFileURL(file));
