import { Refused } from "../../src/bin/command.ts";
import type { Files } from "./committed-files.ts";
import type { Project } from "./project.ts";

export const recipeFile = "tools/recipe.json";
/** 2: what a starter goes without has words to cut, too. */
const newestFormat = 2;

/** What a project gets of a commit of the template, as that commit says it itself. */
export interface Recipe {
  /** The tools of a project may be older than the commit. They refuse a recipe that they would not understand. */
  readonly format: number;
  /** Files and folders that no project gets, that a starter does not get, and that a blog does not get. A `*` stands for a part of a name. */
  readonly leaveOut: LeftOut;
  /** What a starter does without, and what it can do without, such as sign-in. Old commits have none. */
  readonly without?: Readonly<Record<string, Without>>;
  /** Scripts of package.json, in the same way. */
  readonly scripts: LeftOut;
  /** Words of the blog in comments and tests of a starter, but not in its pages of documentation. */
  readonly rename: Readonly<Record<string, string>>;
  /** Words that give way if the project takes them: the tests have a shop, and the project may be one. */
  readonly giveWay: Readonly<Record<string, string>>;
  /** The folder with the files that stand in their places in a starter. */
  readonly places: string;
  /** Files whose name and text are not renamed. */
  readonly asTheyAre: readonly string[];
}

/** A part that a starter does without. */
export interface Without {
  /** Its files and folders. */
  readonly leaveOut: readonly string[];
  /** Files that stay, each with the words of the lines that go: see `withoutWords`. */
  readonly cut: Readonly<Record<string, string>>;
  /** Scripts of package.json. */
  readonly scripts: readonly string[];
  /** Packages that nothing else needs. */
  readonly packages: readonly string[];
}

interface LeftOut {
  readonly always: readonly string[];
  readonly starter: readonly string[];
  /** Old commits have none. */
  readonly blog?: readonly string[];
}

/** The recipe does not fit the commit that it is part of. */
export class RecipeDoesNotFit extends Refused {
  constructor(problem: string) {
    super(`${recipeFile} does not fit this commit: ${problem}`);
  }
}

export function recipeOf(files: Files): Recipe {
  const file = files.get(recipeFile);
  if (!file)
    throw new RecipeDoesNotFit("there is none. The first commit with one is the oldest that can be used.");
  const recipe = JSON.parse(file.content.toString()) as Recipe;
  if (recipe.format > newestFormat)
    throw new RecipeDoesNotFit(
      "its format is newer than the tools here. Take over tools/ of the template first, by hand.",
    );
  return recipe;
}

/** What the project does without. Tools that are newer than the commit may ask for something that it cannot leave out. */
export function withoutOf({ without = {} }: Recipe, project: Pick<Project, "from" | "without">): Without[] {
  return [project.from, ...(project.without ?? [])].flatMap((name) => without[name] ?? []);
}

/** The paths that are left out. A pattern that fits nothing is a mistake of the recipe. */
export function leftOut(
  recipe: Recipe,
  files: Files,
  project: Pick<Project, "from" | "without">,
): ReadonlySet<string> {
  const { leaveOut } = recipe;
  const patterns = [
    ...leaveOut.always,
    ...(leaveOut[project.from] ?? []),
    ...withoutOf(recipe, project).flatMap((each) => each.leaveOut),
  ];
  const found = new Set<string>();
  for (const pattern of patterns) {
    const paths = [...files.keys()].filter((path) => fits(path, pattern));
    if (paths.length === 0) throw new RecipeDoesNotFit(`it leaves out ${pattern}, but there is nothing.`);
    for (const path of paths) found.add(path);
  }
  return found;
}

/** A pattern names a path or a folder above it. */
export function fits(path: string, pattern: string): boolean {
  const source = pattern.replaceAll(/[.+?^$(){}|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^${source}(/|$)`).test(path);
}
