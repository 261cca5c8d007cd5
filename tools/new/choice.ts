import { builtinModules } from "node:module";
import { basename } from "node:path";
import { NotUnderstood, Refused } from "../../src/bin/command.ts";
import { aggregateName } from "../generate/names.ts";
import type { Files } from "../rendering/committed-files.ts";
import type { Project } from "../rendering/project.ts";
import { Tree } from "../tree.ts";
import { Words } from "../words.ts";

interface Given {
  readonly from?: string | undefined;
  readonly rename?: string | undefined;
  readonly name?: string | undefined;
  readonly title?: string | undefined;
  readonly "without-sign-in"?: boolean | undefined;
}

/** What the user has chosen, if it can be used. */
export function chosen(files: Files, folder: string, given: Given): Omit<Project, "template"> {
  const { from = "starter" } = given;
  if (from !== "starter" && from !== "blog")
    throw new NotUnderstood(`--from is "${from}", but must be blog, or be left out.`);
  if (given.rename !== undefined && from !== "blog")
    throw new NotUnderstood("--rename has words of the blog. Use it together with --from blog.");
  const isWithout = given["without-sign-in"] === true;
  if (isWithout && from === "blog")
    throw new NotUnderstood("The blog needs sign-in. Use --without-sign-in without --from blog.");
  const source = new Tree(
    new Map(
      [...files]
        .filter(([path]) => path.startsWith("src/"))
        .map(([path, { content }]) => [path, content.toString()]),
    ),
  );
  const name = nameOf(source, given.name ?? basename(folder), packagesIn(files));
  const title =
    given.title ??
    name
      .split("-")
      .map((word) => new Words(word).pascal)
      .join(" ");
  if (/[<>"'`\\\n$&]/.test(title) || title.trim() === "")
    throw new Refused(
      `The title ${JSON.stringify(title)} cannot be used: it stands in code and in pages. Leave out quotes and signs such as < and $.`,
    );
  const rename = renamesOf(source, name, given.rename);
  return { name, title, from, rename, ...(isWithout && { without: ["sign-in"] }) };
}

/** A project may have the name that the template has: nothing in it gets another name then. */
const ownName = "blog";

/** These are names of services, of test suites, and of what is in every project. */
const taken = [
  "browser",
  "copies",
  "fuzz",
  "mail",
  "node",
  "npm",
  "postgres",
  "processes",
  "sample-shop",
  "sequent",
  "test",
];

/** The packages that the project depends on. */
function packagesIn(files: Files): string[] {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    files.get("package.json")?.content.toString() ?? "{}",
  ) as Record<string, object | undefined>;
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
}

function nameOf(source: Tree, name: string, packages: readonly string[]): string {
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(name) || /--|-$|-\d/.test(name))
    throw new Refused(
      `"${name}" cannot be the name of a project. Use 2 to 31 small letters, digits and hyphens, as in --name book-club.`,
    );
  const isThere = source
    .paths("src/")
    .some((path) => path === `src/${name}.ts` || path.startsWith(`src/${name}/`));
  if (name === ownName) return name;
  if (isThere)
    throw new Refused(`"${name}" is taken: the project has src/${name} already. Choose another with --name.`);
  if ([...taken, ...builtinModules].includes(name))
    throw new Refused(`"${name}" is taken: Node or the project uses this name. Choose another with --name.`);
  if (packages.includes(name))
    throw new Refused(
      `"${name}" is taken: the project uses a package of this name. Choose another with --name.`,
    );
  aggregateName(source, name);
  return name;
}

function renamesOf(source: Tree, name: string, list: string | undefined): Record<string, string> {
  const known = source
    .paths("src/domain/")
    .flatMap((path) => /^src\/domain\/([\w-]+)\/index\.ts$/.exec(path)?.[1] ?? []);
  const ours = known.map((each) => new Words(each).pascal);
  const renames: Record<string, string> = {};
  const targets = new Map([[new Words(name).pascal, "the project"]]);
  for (const pair of list?.split(",").filter(Boolean) ?? []) {
    const [, word, singular, plural] = /^\s*(\w+):([^/:]+)(?:\/([^/:]+))?\s*$/.exec(pair) ?? [];
    if (word === undefined || singular === undefined)
      throw new NotUnderstood(`--rename has "${pair}", but needs pairs such as Author:Vendor,Post:Product.`);
    if (!ours.includes(word))
      throw new Refused(`The blog has no ${word} to rename. It has: ${ours.join(", ")}.`);
    if (word in renames) throw new Refused(`--rename has ${word} twice.`);
    const target = aggregateName(source, singular);
    const many = plural === undefined ? target.plural : aggregateName(source, plural);
    if (many.pascal === target.pascal)
      throw new Refused(`${target.pascal} needs a plural of its own, as in ${word}:Person/People.`);
    renames[word] =
      many.pascal === new Words(singular).plural.pascal ? target.pascal : `${target.pascal}/${many.pascal}`;
    for (const each of [target.pascal, many.pascal]) {
      const other = targets.get(each);
      if (other) throw new Refused(`${word} and ${other} cannot both be called ${each}.`);
      targets.set(each, word);
    }
  }
  for (const word of ours)
    if (!(word in renames) && (targets.has(word) || targets.has(new Words(word).plural.pascal)))
      throw new Refused(`The blog has ${word} already. Rename it, too, or choose another name.`);
  return renames;
}
