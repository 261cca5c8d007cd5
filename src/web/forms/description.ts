import type { Attribute } from "#sequent";
import type { Attributes, ValuesOf } from "#sequent/operations";
import { hiddenNames } from "./hidden-fields.ts";

interface Labelled {
  readonly label: string;
  /** A sentence below the label. */
  readonly hint?: string;
}

/** A box for a text, a number, a day or a sum of money. */
interface InputField extends Labelled {
  /** The text of a "password" is never sent back. A `secret()` is always a password. */
  readonly inputType?:
    | "text"
    | "email"
    | "url"
    | "tel"
    | "password"
    | "date"
    | "datetime-local"
    | "number"
    | "decimal";
  /** For several lines: how many the box shows. */
  readonly rows?: number;
  /** Lets the browser fill it in, such as "name" or "email". */
  readonly autocomplete?: string;
  /** Shown after the box, such as "EUR". */
  readonly unit?: string;
  /** The scope of its unique key. If the key is taken, the message is shown at this field. */
  readonly unique?: string;
}

/** One of several: the stored word, and the text for people. */
interface SelectField<Word extends string = string> extends Labelled {
  readonly options: Readonly<Record<Word, string>>;
}

/** One of several that only the page knows, such as one of the authors. See `options` of `FormPage`. */
interface ChoiceField extends Labelled {
  readonly inputType: "select";
}

/** A checkbox. If it may stay empty, it is `optional(boolean())` in its command. */
interface CheckboxField extends Labelled {
  readonly inputType: "checkbox";
}

/** The fields of a value object. */
interface GroupField<Value = unknown> extends Labelled {
  readonly fields: FieldsFor<Value>;
}

/** Rows, with buttons that add and remove one. */
export interface ListField<Element = unknown> extends Labelled {
  readonly each: FieldFor<Element>;
}

/** A value that the route knows and nobody types, such as an id from the path. */
export const known = "known";

type FieldFor<Value> = unknown extends Value
  ? Field
  : [Value] extends [boolean]
    ? CheckboxField
    : [Value] extends [readonly (infer Element)[]]
      ? ListField<Element>
      : [Value] extends [string]
        ? (InputField & { readonly options?: never }) | SelectField<Value> | ChoiceField
        : [Value] extends [number | bigint | Date]
          ? InputField
          : GroupField<Value>;

type FieldsFor<Value> = unknown extends Value
  ? Readonly<Record<string, Field>>
  : {
      readonly [Name in Exclude<keyof Value, "equals">]-?: FieldFor<Exclude<Value[Name], undefined>>;
    };

/** Any of the above. */
export type Field = InputField | SelectField | ChoiceField | CheckboxField | GroupField | ListField;

/** All attributes of several commands. */
interface WithAttributes {
  readonly attributes: Attributes;
}
type Together<Commands extends readonly WithAttributes[]> = Commands extends readonly [
  infer First extends WithAttributes,
  ...infer Rest extends readonly WithAttributes[],
]
  ? First["attributes"] & Together<Rest>
  : unknown;

type FieldsOfForm<A> = A extends Attributes
  ? {
      readonly [Name in keyof ValuesOf<A>]-?: FieldFor<Exclude<ValuesOf<A>[Name], undefined>> | typeof known;
    }
  : never;

/** The description of a form. */
export interface FormDescription {
  readonly attributes: Attributes;
  readonly fields: Readonly<Record<string, Field>>;
}

/**
 * Describes the form of a command, once: its page, its messages, its preview, the page of a conflict and the error pages
 * take the fields and their labels from here. Each attribute has its line, so the compiler finds one that is forgotten.
 *
 *     export const authorForm = form([AddAuthor], { name: { label: "Name" }, email: { label: "E-mail", inputType: "email" } });
 */
export function form<const Commands extends readonly WithAttributes[]>(
  commands: Commands,
  fields: FieldsOfForm<Together<Commands>>,
): FormDescription {
  const attributes: Record<string, Attribute<unknown>> = {};
  for (const command of commands) Object.assign(attributes, command.attributes);
  const typed = Object.entries<Field | typeof known>(fields).flatMap(([name, field]) =>
    field === known ? [] : [[name, field] as const],
  );
  for (const [name] of typed) if (hiddenNames.includes(name)) throw new FieldReserved(name);
  return { attributes, fields: Object.fromEntries(typed) };
}

/** A field has a reserved name, so its text would be read as something else: see `hiddenNames`. */
export class FieldReserved extends TypeError {
  readonly field: string;

  constructor(field: string) {
    super(
      `A field of a form cannot be named "${field}": each form has it by itself. Give the attribute of the command another name.`,
    );
    this.field = field;
  }
}

/** The field that becomes the unique key of this scope. */
export function fieldOfKey({ fields }: FormDescription, scope: string): string | undefined {
  return Object.entries(fields).find(([, field]) => "unique" in field && field.unique === scope)?.[0];
}

/** The labels of its fields, by attribute. */
export function labelsOf({ fields }: FormDescription): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, { label }]) => [name, label]));
}
