import type { Files } from "./committed-files.ts";
import { withoutLeftOut } from "./lists.ts";
import { lockFile, packageJson } from "./package-json.ts";
import { withoutNames, withoutScripts, withSectionsOf } from "./pages.ts";
import type { Project } from "./project.ts";
import { fits, leftOut, type Recipe, withoutOf } from "./recipe.ts";
import { withoutWords } from "./without.ts";

/** The files that a project gets, still in the words of the template. None of them names a file that is left out. */
export function keptFiles(template: Files, recipe: Recipe, project: Project): Files {
  const out = leftOut(recipe, template, project);
  const without = withoutOf(recipe, project);
  const packages = without.flatMap((each) => each.packages);
  const scripts = [
    ...recipe.scripts.always,
    ...(recipe.scripts[project.from] ?? []),
    ...without.flatMap((each) => each.scripts),
  ];
  const isCutOff = (path: string) =>
    without.some(({ leaveOut }) => leaveOut.some((pattern) => fits(path, pattern)));
  const places = `${recipe.places}/`;
  const kept = new Map([...template].filter(([path]) => !out.has(path) && !path.startsWith(places)));
  const placed = new Map<string, string>();
  if (project.from === "starter")
    for (const [path, file] of template) {
      if (!path.startsWith(places)) continue;
      const place = path.slice(places.length);
      if (isCutOff(place)) continue;
      kept.set(place, file);
      placed.set(place, template.get(place)?.content.toString() ?? "");
    }

  const there = withFolders(kept.keys());
  const gone = withFolders(out);
  const isLeftOut = (path: string) => gone.has(path) && !there.has(path);
  const cut = (path: string, text: string): string =>
    without.reduce((rest, each) => {
      const words = each.cut[path];
      return words === undefined ? rest : withoutWords(path, rest, new RegExp(words));
    }, text);
  const adapted = (path: string, whole: string): string => {
    const text = cut(path, whole);
    if (path === "package.json") return packageJson(text, scripts, packages);
    if (path === "package-lock.json") return lockFile(text, packages);
    if (/\.[jt]s$/.test(path)) return withoutLeftOut(path, text, isLeftOut);
    if (/\.ya?ml$/.test(path)) return withoutScripts(text, scripts);
    if (!path.endsWith(".md")) return text;
    return withoutNames(path, withSectionsOf(placed.get(path) ?? "", text), isLeftOut, scripts);
  };
  return new Map(
    [...kept].map(([path, { mode, content }]) => {
      const text = content.includes(0) ? content : Buffer.from(adapted(path, content.toString()));
      return [path, { mode, content: text }];
    }),
  );
}

/** Paths, and all folders above them. */
function withFolders(paths: Iterable<string>): ReadonlySet<string> {
  const all = new Set<string>();
  for (const path of paths)
    for (let each = path; each !== "" && !all.has(each); each = each.replace(/\/?[^/]*$/, "")) all.add(each);
  return all;
}
