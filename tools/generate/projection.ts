import { Refused } from "../../src/bin/command.ts";
import type { Tree } from "../tree.ts";
import { Words } from "../words.ts";
import { type Attribute, attributesFrom } from "./attributes.ts";
import { type Column, columnsOf, hasColumn } from "./columns.ts";
import { Aggregate, toldBy } from "./domain.ts";
import { aggregateName, refuseExisting, refuseSaved, refuseUsed } from "./names.ts";
import { places } from "./places.ts";
import { fills, projectorOf } from "./projector.ts";
import { addProjectorSpec } from "./projector-spec.ts";
import { codeOfType } from "./types.ts";

/** `projection Author name:text`. Without columns, it takes all attributes of the events. */
export function projection(
  tree: Tree,
  [typed = "", ...declared]: readonly string[],
  { plural }: { readonly plural?: string | undefined },
): string[] {
  const aggregate = new Aggregate(tree, typed);
  const { words, events, added } = aggregate;
  const { pascal, camel, kebab, snake } = words;
  if (!added)
    throw new Refused(
      `${aggregate.path("events")} has no ${pascal}Added, which would create the row. Add it by hand.`,
    );
  const list = listOf(words, plural === undefined ? words.plural : aggregateName(tree, plural));
  refuseExisting(tree, `The view of ${pascal}`, [
    `src/projections/${kebab}`,
    `test/unit/projections/${kebab}-projector.test.ts`,
  ]);
  refuseSaved(tree, `${pascal}Projector`, `${snake}_records`);
  refuseUsed(tree, places.queries, `${camel}Queries`, `./${kebab}/queries.ts`);
  refuseQueries(tree, [`${pascal}ById`, list.pascal]);

  const attributes = declared.length > 0 ? attributesFrom(declared) : attributesOf(aggregate);
  const columns = columnsOf(attributes, aggregate);
  const file = (name: string, text: string) => tree.create(`src/projections/${kebab}/${name}.ts`, text);
  file("record", recordOf(words, columns));
  file("projector", projectorOf(words, columns, added, aggregate.laterEvents));
  file("queries", queriesOf(words, list));

  tree.enlist(places.program, "projectors", `${pascal}Projector`, `./projections/${kebab}/projector.ts`);
  tree.enlist(places.queries, "queries", `${camel}Queries`, `./${kebab}/queries.ts`, `...${camel}Queries`);
  addProjectorSpec(tree, aggregate, columns);
  const waiting = attributes.filter(({ name }) => !events.some((event) => fills(words, event, name)));
  return waiting.map((attribute) => missingEvent(words, attribute));
}

/** The event that a column waits for. */
function missingEvent({ pascal }: Words, { name, type }: Attribute): string {
  const words = new Words(name);
  const isFlag = type.word === "boolean" && /^is[A-Z]/.test(name);
  const event = isFlag
    ? `${pascal}${words.pascal.slice(2)}`
    : `${pascal}${words.pascal}Set "${name}:${codeOfType(type, false)}"`;
  return `No event has ${name}, so the column ${words.snake} stays empty until there is one: npm run generate -- event ${pascal} ${event.replace(/"(.*)\(\)"$/, "$1")}`;
}

/** The name of the list, such as `Authors`. A noun without a plural of its own gets `AllSheep`. */
function listOf(words: Words, list: Words): Words {
  return list.pascal === words.pascal ? new Words(`all ${words.text}`) : list;
}

/** What the events have and a column can hold. */
function attributesOf({ events, words }: Aggregate): Attribute[] {
  const all = events.flatMap((event) => toldBy(event, words)).filter(({ type }) => hasColumn(type));
  return all.filter(({ name }, at) => all.findIndex((each) => each.name === name) === at);
}

function refuseQueries(tree: Tree, names: readonly string[]): void {
  for (const path of tree.paths("src/projections/")) {
    const taken = names.find((name) => new RegExp(`^  (?:async )?${name}\\b`, "m").test(tree.read(path)));
    if (taken)
      throw new Refused(
        `There is a query ${taken} already, in ${path}. Use another --plural. Nothing was changed.`,
      );
  }
}

function recordOf({ pascal, camel, snake }: Words, columns: readonly Column[]): string {
  const nullable = columns.some(({ isNullable }) => isNullable) ? "nullable, " : "";
  return `import { column, ${nullable}type RowOf, table } from "#sequent";

export const ${camel}Records = table("${snake}_records", {
  columns: {
    aggregate_id: column.uuid,
    ${columns.map(({ snake, code }) => `${snake}: ${code},`).join("\n    ")}
    created_at: column.time,
  },
  primaryKey: ["aggregate_id"],
  indexes: [{ columns: ["created_at desc", "aggregate_id desc"] }],
});

export type ${pascal}Record = RowOf<typeof ${camel}Records>;
`;
}

function queriesOf({ pascal, camel, snake }: Words, list: Words): string {
  return `import type { PostgresConnections } from "#sequent/operations";
import { columnsOf } from "../columns.ts";
import { type List, type PageRequest, pageOf } from "../keyset.ts";
import { type ${pascal}Record, ${camel}Records } from "./record.ts";

export const ${camel}Queries = {
  ${pascal}ById: (views: PostgresConnections, { ${camel}Id }: { ${camel}Id: string }) =>
    views.first<${pascal}Record>(byId, [${camel}Id]),

  ${list.pascal}: (views: PostgresConnections, request: PageRequest) => pageOf(views, newest, request),
};

const columns = columnsOf(${camel}Records, "${list.snake}");

const byId = \`select \${columns} from view_schema.${snake}_records as ${list.snake} where aggregate_id = $1\`;

const newest: List<${pascal}Record> = {
  order: "newest first",
  placeOf: ({ created_at, aggregate_id }) => [created_at, aggregate_id],
  sql: \`
select \${columns}
  from view_schema.${snake}_records as ${list.snake}
 where (created_at, aggregate_id) < ($2::timestamptz, $3::uuid)
 order by created_at desc, aggregate_id desc
 limit $1\`,
};
`;
}
