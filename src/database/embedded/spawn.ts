import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts a TypeScript file that uses PGlite with this Node, from whatever directory. */
export function spawnTypeScript(file: URL, args: string[], options: SpawnOptions): ChildProcess {
  // Options such as --inspect are meant for the process that was started by hand.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return spawn(process.execPath, [...loader(), fileURLToPath(file), ...args], { env, ...options });
}

function loader(): string[] {
  const readsTypeScript = "typescript" in process.features && process.features.typescript;
  if (readsTypeScript) return ["--disable-warning=ExperimentalWarning"];
  // Imported ahead of the loader, PGlite is not looked through for TypeScript: a fifth of the start.
  return ["@electric-sql/pglite", "tsx"].flatMap((name) => ["--import", import.meta.resolve(name)]);
}
