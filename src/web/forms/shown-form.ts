import type { Attribute } from "#sequent";
import type { Attributes, Errors } from "#sequent/operations";
import type { Field, FormDescription, InputField } from "./description.ts";

/** A form as a template shows it: `views/shared/fields.ejs` loops over its fields. */
export interface ShownForm {
  readonly status: number;
  /** Made when the form is shown, so that sent twice it has one effect. */
  readonly commandId: string;
  /** The version of what is edited, as its reader saw it. */
  readonly seenVersion: number | undefined;
  readonly fields: readonly ShownField[];
  /** Whether it has buttons that add and remove rows. */
  readonly hasRows: boolean;
  /** What went wrong and belongs to no field. */
  readonly problem: string | undefined;
  /** What is wrong with the fields, each with the id of its own where it has one. */
  readonly wrong: readonly { readonly id: string | undefined; readonly text: string }[];
}

interface Shown {
  readonly name: string;
  /** The name, as an attribute `id` and the end of an address can have it. */
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  /** What is wrong with it, as a sentence. */
  readonly error: string | undefined;
  /** The ids of its error and its hint, for `aria-describedby`. */
  readonly describedBy: string;
  readonly isRequired: boolean;
  /** Where a person goes on typing. */
  readonly isFocused: boolean;
  /** With the labels of the list and the row that it stands in. */
  readonly fullLabel: string;
}

interface ShownBox extends Shown {
  readonly value: string;
}
export interface ShownInput extends ShownBox {
  readonly part: "input" | "textarea";
  readonly field: InputField;
}
export interface ShownSelect extends ShownBox {
  readonly part: "select";
  readonly options: readonly (readonly [word: string, text: string])[];
}
export interface ShownCheckbox extends ShownBox {
  readonly part: "checkbox";
  readonly isTicked: boolean;
}
export interface ShownGroup extends Shown {
  readonly part: "group";
  readonly fields: readonly ShownField[];
}
export interface ShownList extends Shown {
  readonly part: "list";
  readonly eachLabel: string;
  readonly rows: readonly { readonly name: string; readonly label: string; readonly field: ShownField }[];
}

export type ShownField = ShownInput | ShownSelect | ShownCheckbox | ShownGroup | ShownList;
export type ShownLeaf = ShownInput | ShownSelect | ShownCheckbox;

/** What the fields hold, by their names: of a value object again by their names, of a list in an array. */
export type Values = Readonly<Record<string, unknown>>;

export interface About extends Pick<ShownForm, "status" | "commandId" | "seenVersion"> {
  readonly values: Values;
  readonly errors?: Errors;
  readonly problem?: string | undefined;
  /** The field, or the row, in which a person goes on. */
  readonly focus?: string;
}

export function shownForm({ fields, attributes }: FormDescription, about: About): ShownForm {
  const { status, commandId, seenVersion, values, errors = {}, problem, focus } = about;
  const shown = new Showing(errors, focus).fieldsOf(fields, attributes, values, "", "");
  const every = everyField(shown);
  const places = new Map(every.map(({ name }, place) => [name, place]));
  const wrong = Object.entries(errors)
    .map(([name, messages]) => ({ place: places.get(name) ?? -1, name, messages }))
    .sort((one, other) => one.place - other.place)
    .map(({ place, name, messages }) => ({
      id: every[place]?.id,
      text: sentence(every[place]?.fullLabel ?? name, messages),
    }));
  const hasRows = every.some(({ part }) => part === "list");
  return { status, commandId, seenVersion, fields: shown, hasRows, problem, wrong };
}

/** The fields into which something is typed, also those in groups and rows. */
export function leavesOf(fields: readonly ShownField[]): ShownLeaf[] {
  return everyField(fields).filter((field): field is ShownLeaf => "value" in field);
}

function everyField(fields: readonly ShownField[]): ShownField[] {
  return fields.flatMap((field) => {
    if (field.part === "group") return [field, ...everyField(field.fields)];
    if (field.part === "list") return [field, ...everyField(field.rows.map((row) => row.field))];
    return [field];
  });
}

class Showing {
  readonly #errors: Errors;
  #focus: string | undefined;

  constructor(errors: Errors, focus: string | undefined) {
    this.#errors = errors;
    this.#focus = focus;
  }

  fieldsOf(
    fields: Readonly<Record<string, Field>>,
    attributes: Attributes,
    values: unknown,
    path: string,
    within: string,
  ): ShownField[] {
    const held = new Map(Object.entries(typeof values === "object" && values !== null ? values : {}));
    return Object.entries(fields).map(([name, field]) => {
      const attribute = attributes[name] as Attribute<unknown>;
      return this.#field(field, attribute, held.get(name), path === "" ? name : `${path}.${name}`, within);
    });
  }

  #field(
    field: Field,
    attribute: Attribute<unknown>,
    value: unknown,
    name: string,
    within: string,
  ): ShownField {
    const common = this.#common(field, attribute, name, within);
    if ("each" in field) return { ...common, ...this.#list(field, attribute, value, common) };
    if ("fields" in field) {
      const fields = this.fieldsOf(field.fields, attribute.attributes ?? {}, value, name, common.fullLabel);
      return { ...common, part: "group", fields };
    }
    const isFocused = this.#takesFocus(name);
    const typed = textOf(value);
    if ("options" in field)
      return { ...common, isFocused, part: "select", value: typed, options: Object.entries(field.options) };
    if (field.inputType === "checkbox") {
      const isTicked = /^(true|on|yes|1)$/i.test(typed);
      return { ...common, isFocused, part: "checkbox", value: typed, isTicked, isRequired: false };
    }
    if (attribute.isSecret || field.inputType === "password")
      return { ...common, isFocused, part: "input", value: "", field: { ...field, inputType: "password" } };
    return { ...common, isFocused, part: field.rows ? "textarea" : "input", value: typed, field };
  }

  #common(field: Field, { optional }: Attribute<unknown>, name: string, within: string): Shown {
    const { label, hint } = field;
    const id = name.replace(/[[\].]+/g, "-").replace(/-$/, "");
    const messages = this.#errors[name] ?? [];
    const error = messages.length > 0 ? sentence(label, messages) : undefined;
    const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
    const fullLabel = within === "" ? label : `${within}: ${label}`;
    return { name, id, label, hint, error, describedBy, isRequired: !optional, isFocused: false, fullLabel };
  }

  #list(
    field: Extract<Field, { each: unknown }>,
    attribute: Attribute<unknown>,
    value: unknown,
    { name }: Shown,
  ) {
    const values: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
    const element = attribute.element as Attribute<unknown>;
    const rows = Object.entries(values).map(([number, each], index) => {
      const label = `${field.each.label} ${index + 1}`;
      const row = `${name}[${number}]`;
      return { name: row, label, field: this.#field({ ...field.each, label }, element, each, row, "") };
    });
    const isFocused = rows.length === 0 && this.#takesFocus(name);
    return { part: "list", eachLabel: field.each.label, rows, isFocused } as const;
  }

  /** The first field that is meant, or stands in the row that is meant. */
  #takesFocus(name: string): boolean {
    const focus = this.#focus;
    const isMeant =
      focus !== undefined &&
      (name === focus || /^[.[]/.test(name.slice(focus.length))) &&
      name.startsWith(focus);
    if (isMeant) this.#focus = undefined;
    return isMeant;
  }
}

/** Of a field that was sent more than once, the first. */
export function textOf(value: unknown): string {
  const [first] = Array.isArray(value) ? value : [value];
  if (first instanceof Date) return first.toISOString();
  return typeof first === "object" || first === undefined ? "" : String(first);
}

function sentence(label: string, messages: readonly string[]): string {
  return `${label} ${messages.join(" and ")}`;
}
