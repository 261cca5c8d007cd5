import { RecipeDoesNotFit } from "./recipe.ts";

interface PackageJson {
  version: string;
  description?: string;
  license?: string;
  scripts: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const version = "0.1.0";

/** It has a version of its own, and neither scripts nor packages that are left out. Whoever begins the project chooses its licence. */
export function packageJson(
  text: string,
  leftOut: readonly string[],
  packages: readonly string[] = [],
): string {
  const { license: _, ...json } = JSON.parse(text) as PackageJson;
  const scripts = { ...json.scripts };
  for (const script of leftOut) {
    if (!(script in scripts)) throw new RecipeDoesNotFit(`package.json has no script "${script}".`);
    delete scripts[script];
  }
  const needed = withoutPackages(json, packages);
  return `${JSON.stringify({ ...needed, version, description: "Sequent Blog", scripts }, null, 2)}\n`;
}

export function lockFile(text: string, leftOut: readonly string[] = []): string {
  const json = JSON.parse(text) as { packages: Record<string, object> };
  const { license: _, ...root } = json.packages[""] as { license?: string };
  const installed = Object.entries(json.packages).filter(
    ([path]) => !leftOut.some((name) => `${path}/`.startsWith(`node_modules/${name}/`)),
  );
  for (const name of leftOut)
    if (!(`node_modules/${name}` in json.packages))
      throw new RecipeDoesNotFit(`package-lock.json has no package "${name}".`);
  const packages = { ...Object.fromEntries(installed), "": { ...withoutPackages(root, leftOut), version } };
  return `${JSON.stringify({ ...json, version, packages }, null, 2)}\n`;
}

function withoutPackages<Json extends object>(json: Json, packages: readonly string[]): Json {
  const lists = ["dependencies", "devDependencies"] as const;
  const without = (list: object) => Object.entries(list).filter(([name]) => !packages.includes(name));
  const entries = Object.entries(json).map(([name, value]) =>
    lists.some((each) => each === name) ? [name, Object.fromEntries(without(value))] : [name, value],
  );
  return Object.fromEntries(entries);
}
