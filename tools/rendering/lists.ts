import { posix } from "node:path";
import { RecipeDoesNotFit } from "./recipe.ts";

const imports = /^import (?:type )?(?:\{([^}]*)\}|\* as \w+|\w+)?(?: from )?"(\.[^"]+)";\n/gm;

/**
 * Takes the imports of files that are left out from a file that stays, and the imported names from its lists: arrays and
 * objects, where they may stand with `...` before them.
 */
export function withoutLeftOut(path: string, text: string, isLeftOut: (path: string) => boolean): string {
  const names: string[] = [];
  let rest = text.replace(imports, (statement, list: string | undefined, from: string) => {
    if (!isLeftOut(posix.join(posix.dirname(path), from))) return statement;
    names.push(...namesIn(list ?? statement.replace(/ from .*/s, "").replace(/^import (?:\* as )?/, "")));
    return "";
  });
  for (const name of names) rest = withoutName(path, rest, name);
  return rest;
}

/** `a, type B, c as d` has a, B and d. */
function namesIn(list: string): string[] {
  return list
    .split(",")
    .map((each) =>
      each
        .trim()
        .replace(/^type /, "")
        .replace(/.* as /, ""),
    )
    .filter(Boolean);
}

function withoutName(path: string, text: string, name: string): string {
  const inList = new RegExp(`([[{,]\\s*)(?:\\.\\.\\.)?\\b${name}\\b\\s*(?:,\\s*|(?=[\\]}]))`, "g");
  const rest = text.replace(inList, "$1").replace(/,(\s*[\]}])/g, "$1");
  if (new RegExp(`(?<!["'\`/*].*)\\b${name}\\b`).test(rest))
    throw new RecipeDoesNotFit(`${path} uses ${name}, which is left out, in another place than a list.`);
  return rest;
}
