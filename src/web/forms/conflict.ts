import type { EditConflict } from "#sequent";
import type { Change } from "../editing/changes.ts";
import type { Rendering } from "../rendering/rendering.ts";
import type { Field, FormDescription } from "./description.ts";
import { fieldWithOptions, type Options } from "./options.ts";
import { textOf } from "./shown-form.ts";

/** A field that two people changed: their text, my text, and the changes from theirs to mine. */
interface Conflict {
  readonly field: string;
  readonly label: string;
  readonly theirs: string;
  readonly mine: string;
  readonly changes: readonly Change[] | undefined;
}

export function conflictOf(
  { fields, theirs, mine }: EditConflict,
  form: FormDescription,
  rendering: Rendering,
  options: Options = {},
): Promise<Conflict[]> {
  const conflicts = fields.map(async (name): Promise<Conflict> => {
    const field = fieldWithOptions(form.fields[name] ?? { label: name }, name, options);
    const [their, my] = [readable(field, theirs[name]), readable(field, mine[name])];
    const changes = await rendering.changesBetween(their, my);
    return { field: name, label: field.label, theirs: their, mine: my, changes };
  });
  return Promise.all(conflicts);
}

/** The value of a field as a text. A group has a line for each field, and a list has its rows one after the other. */
export function readable(field: Field, value: unknown): string {
  if ("each" in field)
    return [value ?? []]
      .flat()
      .map((row) => readable(field.each, row))
      .join("\n");
  if ("options" in field) return new Map(Object.entries(field.options)).get(textOf(value)) ?? textOf(value);
  if (!("fields" in field)) return textOf(value);
  const held = new Map(Object.entries(value ?? {}));
  return Object.entries(field.fields)
    .map(([name, below]) => `${below.label}: ${readable(below, held.get(name))}`)
    .join("\n");
}
