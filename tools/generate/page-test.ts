import { addImports } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { withArticle } from "../words.ts";
import type { ShownColumn } from "./columns.ts";
import { commandsBefore, isOtherOptional } from "./commands-before.ts";
import type { Aggregate } from "./domain.ts";
import { labelOf, typedOf } from "./fields.ts";
import { sampleIds, sampleOf } from "./samples.ts";
import { testOf, todoOf } from "./spec.ts";
import { bare, isOptional } from "./types.ts";
import type { Names } from "./views.ts";

/** A story from the form to the page. */
export function addPageTest(
  tree: Tree,
  aggregate: Aggregate,
  { one, many }: Names,
  columns: readonly ShownColumn[],
): void {
  const path = `test/acceptance/${many.kebab}.test.ts`;
  const { add } = aggregate;
  const title = `${withArticle(one.text)} is added, and shown in the list and on a page`;
  const needed = add?.attributes.filter((each) => !isOtherOptional(each)) ?? [];
  const typed = typedOf(tree, needed);
  const before = commandsBefore(tree, sampleIds(tree, needed));
  if (!add || typed === undefined || before === undefined) {
    tree.create(path, addImports(`\n${todoOf(title)}`, [[["test"], "vitest"]]));
    return;
  }
  const shown = columns.find(({ type }) => type === "text");
  const named = needed.find(({ name }) => name === shown?.attribute);
  const sample = named && sampleOf(tree, named.name, named.type, "command", "first");
  const blank = needed.find(({ type }) => !isOptional(type) && bare(type).rules.includes("notBlank"));
  const other = needed.find(
    ({ name, type }) => name !== blank?.name && ["string", "email", "date"].includes(bare(type).word),
  );
  const url = `/${many.kebab}`;
  const first = testOf({
    title,
    ids: before.ids,
    lines: [
      ...(before.commands.length > 0 ? [`await given(${before.commands.join(", ")});`] : []),
      `expect(textOf((await get("${url}").expect(200)).text)).toContain("There are no ${many.text} yet");`,
      `await get("${url}/new").expect(200);`,
      `const { headers } = await send("${url}"${typed === "" ? "" : `, { ${typed} }`}).expect(303);`,
      `expect(await newEvents()).toContain("${aggregate.added?.name ?? aggregate.events[0]?.name}");`,
      `const page = textOf((await get(String(headers["location"])).expect(200)).text);`,
      `expect(page).toContain(${sample ?? '"Added"'});`,
      `expect((await get("${url}")).text).toContain(String(headers["location"]));`,
    ],
  });
  const second =
    blank &&
    testOf({
      title: `${withArticle(one.text)} without ${withArticle(labelOf(blank.name).toLowerCase())} is not added, and nothing typed is lost`,
      ids: [],
      lines: [
        `const { text } = await send("${url}"${other ? `, { ${typedOf(tree, [other])} }` : ""}).expect(422);`,
        `expect(textOf(text)).toContain("${labelOf(blank.name)} can't be blank");`,
        ...(other ? [`expect(fieldsIn(text)).toMatchObject({ ${typedOf(tree, [other])} });`] : []),
      ],
    });
  const needsSomebody = hasAccounts(tree);
  const words = [
    "get",
    ...(before.commands.length > 0 ? ["given"] : []),
    "newEvents",
    "send",
    ...(needsSomebody ? ["signedInAsSomebody"] : []),
  ];
  const helpers = [...(second && other ? ["fieldsIn"] : []), "textOf", "useWeb"];
  const somebody = needsSomebody ? "beforeEach(signedInAsSomebody);\n" : "";
  const text = `\nconst { ${words.join(", ")} } = useWeb();\n${somebody}\n${[first, second].filter(Boolean).join("\n")}`;
  const makesIds = before.ids.length > 0 ? ["newId"] : [];
  tree.create(
    path,
    addImports(text, [
      [[...(needsSomebody ? ["beforeEach"] : []), "expect", "test"], "vitest"],
      [makesIds, "#sequent/operations"],
      ...before.imports,
      [helpers, "../support/web.ts"],
    ]),
  );
}

/** Where there are accounts, a form is open only for those who have one. */
function hasAccounts(tree: Tree): boolean {
  const accounts = "src/accounts.ts";
  return tree.has(accounts) && !/= undefined;/.test(tree.read(accounts));
}
