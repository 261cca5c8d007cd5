import { addImports, addToList } from "../edits.ts";
import type { Tree } from "../tree.ts";
import type { Words } from "../words.ts";
import type { Attribute } from "./attributes.ts";
import { type Column, hasAttribute, hasColumn, shownColumns } from "./columns.ts";
import { type Aggregate, type Declaration, toldBy } from "./domain.ts";
import { addProjectorTest } from "./projector-spec.ts";
import { isOptional } from "./types.ts";

/** The name of an attribute and of its column. */
type Filled = Pick<Column, "name" | "snake" | "isFlag">;

export function projectorOf(
  words: Words,
  columns: readonly Filled[],
  added: Declaration,
  events: readonly Declaration[],
): string {
  const { pascal, camel, kebab } = words;
  const filled = columns.filter(({ name }) => hasAttribute(added, name));
  const flags = columns.filter(({ isFlag }) => isFlag).map((each) => `${each.snake}: false`);
  const later = events.filter((event) => columns.some(({ name }) => fills(words, event, name)));
  const names = ["aggregateId", ...filled.map(({ name }) => name), "createdAt"].join(", ");
  const values = ["aggregate_id: aggregateId", valuesOf(added, filled), ...flags, "created_at: createdAt"]
    .filter(Boolean)
    .join(", ");
  const handlers = [
    `on(${added.name}, ({ ${names} }) => this.create(${camel}Records, { ${values} }))`,
    ...later.map((event) => `\n    ${updateHandler(words, event, columns)}`),
  ];
  const text = `
export class ${pascal}Projector extends Projector("${pascal}Projector", {
  version: 1,
  tables: [${camel}Records],
  partitioned: true,
}) {
  readonly handlers = [
    ${handlers.join(",\n    ")},
  ];
}
`;
  return addImports(text, [
    [["on", "Projector"], "#sequent"],
    [[added, ...later].map(({ name }) => name), `../../domain/${kebab}/events.ts`],
    [[`${camel}Records`], "./record.ts"],
  ]);
}

/** The values of an event as columns: `name, born: born ?? null` */
function valuesOf({ attributes }: Declaration, columns: readonly Filled[]): string {
  return columns
    .map(({ name, snake }) => {
      if (attributes.length === 0) return `${snake}: true`;
      const isLeftOut = attributes.some((each) => each.name === name && isOptional(each.type));
      const value = isLeftOut ? `${name} ?? null` : name;
      return value === snake ? name : `${snake}: ${value}`;
    })
    .join(", ");
}

/** If the view has columns for the values of a new event, its projector must take it. Returns what to do for the other values. */
export function addToProjector(tree: Tree, aggregate: Aggregate, event: Declaration): string[] {
  const { words } = aggregate;
  const { kebab } = words;
  const columns = shownColumns(tree.read(`src/projections/${kebab}/record.ts`))
    .filter(({ attribute }) => fills(words, event, attribute))
    .map(({ name, attribute }) => ({ name: attribute, snake: name, isFlag: event.attributes.length === 0 }));
  const ignored = tree.has(`src/projections/${kebab}/projector.ts`)
    ? toldBy(event, words).filter(
        ({ name, type }) => hasColumn(type) && !columns.some((each) => each.name === name),
      )
    : [];
  const notes = ignored.length > 0 ? [noteOf(aggregate, event, ignored)] : [];
  if (columns.length === 0) return notes;
  const handler = updateHandler(words, event, columns);
  tree.edit(
    `src/projections/${kebab}/projector.ts`,
    handler,
    (text) =>
      addImports(addToList(text, "handlers", `\n\n    ${handler}`), [
        [[event.name], `../../domain/${kebab}/events.ts`],
      ]),
    `on(${event.name},`,
  );
  addProjectorTest(tree, aggregate, columns, event);
  return notes;
}

function noteOf({ words }: Aggregate, event: Declaration, ignored: readonly Attribute[]): string {
  const names = ignored.map(({ name }) => name).join(" and ");
  const folder = `src/projections/${words.kebab}`;
  return `The view has no column for ${names}. If pages should show it, add one in ${folder}/record.ts, fill it from ${event.name} in ${folder}/projector.ts, and raise the version there: the next start builds the view again.`;
}

/** The handler of a projector for a later event: it changes the columns that the event has. */
function updateHandler(words: Words, event: Declaration, columns: readonly Filled[]): string {
  const filled = columns.filter(({ name }) => fills(words, event, name));
  const taken = filled.filter(({ name }) => hasAttribute(event, name));
  const names = ["aggregateId", ...taken.map(({ name }) => name)].join(", ");
  return `on(${event.name}, ({ ${names} }) => this.update(${words.camel}Records, { aggregate_id: aggregateId }, { ${valuesOf(event, filled)} }))`;
}

export function fills(words: Words, event: Declaration, name: string): boolean {
  return toldBy(event, words).some((attribute) => attribute.name === name);
}
