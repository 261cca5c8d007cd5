import type { Field } from "./description.ts";
import type { ShownField } from "./shown-form.ts";

/** The options of fields, by the name of the field. Each option is a stored value and its text for people. */
export type Options = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Gives each choice the options that its page knows. A field in a list has one name for all rows, such as `lines.productId`. */
export function withOptions(fields: readonly ShownField[], options: Options): readonly ShownField[] {
  return fields.map((shown) => ({
    ...shown,
    field: fieldWithOptions(shown.field, shown.name, options),
    below: withOptions(shown.below, options),
  }));
}

export function fieldWithOptions(field: Field, name: string, options: Options): Field {
  if (!("inputType" in field) || field.inputType !== "select") return field;
  const known = options[name.replace(/\[\d+\]/g, "")];
  if (!known) throw new OptionsMissing(name);
  return { ...field, options: known };
}

/** A page shows a choice, but does not say what one can choose. */
export class OptionsMissing extends TypeError {
  readonly field: string;

  constructor(field: string) {
    super(
      `The field "${field}" is a choice. Its page must say what one can choose: options: () => ({ ${field}: { … } })`,
    );
    this.field = field;
  }
}
