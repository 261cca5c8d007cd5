import { Refused } from "../../src/bin/command.ts";
import { Words } from "../words.ts";
import { type Attribute, kindOf } from "./attributes.ts";
import { type Aggregate, type Declaration, toldBy } from "./domain.ts";
import { bare, isOptional, type Type } from "./types.ts";

/** A column of a view, and the events that fill it. */
export interface Column {
  /** The attribute. */
  readonly name: string;
  /** The column, such as `publication_date`. */
  readonly snake: string;
  /** As code: `nullable(column.date)`. */
  readonly code: string;
  readonly isNullable: boolean;
  /** False until an event without values happens. */
  readonly isFlag: boolean;
}

/** The columns that these attributes ask for. Before an event has filled a column, it is null. */
export function columnsOf(attributes: readonly Attribute[], { events, added, words }: Aggregate): Column[] {
  return attributes.map(({ name, type }) => {
    const filling = events.flatMap((event) => toldBy(event, words).filter((each) => each.name === name));
    const other = filling.find((each) => kindOf(each.type) !== kindOf(type));
    if (other)
      throw new Refused(
        `The events have ${name} as ${kindOf(other.type)}, not as ${kindOf(type)}. Give the column this type.`,
      );
    const isFirst = added?.attributes.some((each) => each.name === name);
    const isFlag = !isFirst && filling.length > 0 && !events.some((event) => hasAttribute(event, name));
    const isEmpty = !isFirst && !isFlag;
    const isNullable = isEmpty || [type, ...filling.map((each) => each.type)].some(isOptional);
    const column = columnOf(name, type);
    const code = isNullable ? `nullable(${column})` : column;
    return { name, snake: new Words(name).snake, code, isNullable, isFlag };
  });
}

export function hasAttribute({ attributes }: Declaration, name: string): boolean {
  return attributes.some((attribute) => attribute.name === name);
}

/** True if a column can hold it. */
export function hasColumn(type: Type): boolean {
  const { word, of } = bare(type);
  return word === "list" && of ? hasColumn(of) : Object.hasOwn(columnWords, word);
}

function columnOf(name: string, type: Type): string {
  const { word, of, names } = bare(type);
  if (word === "list" && of) return `column.list(${columnOf(name, of)})`;
  const column = columnWords[word];
  if (column) return `column.${column}`;
  if (word === "secret") throw new Refused(`${name} is a secret, which a view must not have. Leave it out.`);
  throw new Refused(
    `${name} is an object of ${names.join()}, which has no column. Leave it out, and add a column for each value of it by hand.`,
  );
}

const columnWords: Readonly<Record<string, string>> = {
  string: "text",
  text: "text",
  email: "text",
  oneOf: "text",
  integer: "integer",
  decimal: "decimal",
  boolean: "boolean",
  date: "date",
  time: "time",
  uuid: "uuid",
  reference: "uuid",
};

/** A column that a file declares. */
export interface ShownColumn {
  readonly name: string;
  /** "text", "list(column.text)" … */
  readonly type: string;
  readonly isNullable: boolean;
  readonly attribute: string;
}

/** The columns that a record declares, without those that every view has. */
export function shownColumns(record: string): ShownColumn[] {
  return [...record.matchAll(/^ {4}(\w+): (nullable\()?(column\..+),$/gm)]
    .map(([, name = "", nullable, code = ""]) => ({
      name,
      type: (nullable ? code.slice(0, -1) : code).replace("column.", ""),
      isNullable: nullable !== undefined,
      attribute: new Words(name).camel,
    }))
    .filter(({ name }) => name !== "aggregate_id" && name !== "created_at");
}
