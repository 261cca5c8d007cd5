import type { Attribute } from "#sequent";
import type { Attributes, Errors } from "#sequent/operations";
import type { Field, FormDescription, ListField } from "./description.ts";

/** A form as a template shows it: `views/shared/form-fields.ejs` shows its fields. */
export interface ShownForm {
  readonly status: number;
  /** Made when the form is shown, so a form that is sent twice has one effect. */
  readonly commandId: string;
  /** The version that the user saw. */
  readonly seenVersion: number | undefined;
  readonly fields: readonly ShownField[];
  /** True if it has buttons that add and remove rows. */
  readonly hasRows: boolean;
  /** Messages that belong to no field. */
  readonly problem: string | undefined;
  /** The messages of the fields, each with the id of its field, if it has one. */
  readonly wrong: readonly { readonly id: string | undefined; readonly text: string }[];
}

export interface ShownField {
  /** How `views/shared/field.ejs` shows it. */
  readonly part: "input" | "textarea" | "select" | "checkbox" | "group" | "list";
  readonly name: string;
  /** The name in a form that is allowed as an `id` and at the end of an address. */
  readonly id: string;
  readonly label: string;
  /** The label, after the label of its group. */
  readonly fullLabel: string;
  readonly hint: string | undefined;
  /** Its messages as a sentence. */
  readonly error: string | undefined;
  /** The ids of its error and its hint, for `aria-describedby`. */
  readonly describedBy: string;
  readonly isRequired: boolean;
  /** True if the person goes on typing here. */
  readonly isFocused: boolean;
  /** The text in its box. A group and a list have none. */
  readonly value?: string;
  /** The fields of a group, or the rows of a list. */
  readonly below: readonly ShownField[];
  /** Its description in the form. */
  readonly field: Field;
}

/** The values of the fields, by their names. A value object has names, too, and a list is an array. */
export type Values = Readonly<Record<string, unknown>>;

export interface About extends Pick<ShownForm, "status" | "commandId" | "seenVersion"> {
  readonly values: Values;
  readonly errors?: Errors;
  readonly problem?: string | undefined;
  /** The field or the row in which the person goes on. */
  readonly focus?: string;
}

export function shownForm({ fields, attributes }: FormDescription, about: About): ShownForm {
  const { status, commandId, seenVersion, values, errors = {}, problem, focus } = about;
  const shown = new Showing(errors, focus).fieldsOf(fields, attributes, values);
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

/** All fields, also those in groups and rows. */
export function everyField(fields: readonly ShownField[]): ShownField[] {
  return fields.flatMap((field) => [field, ...everyField(field.below)]);
}

class Showing {
  readonly #errors: Errors;
  #focus: string | undefined;

  constructor(errors: Errors, focus: string | undefined) {
    this.#errors = errors;
    this.#focus = focus;
  }

  /** `path` and `within` are the name and the label of the group. */
  fieldsOf(fields: Fields, attributes: Attributes, values: unknown, path = "", within = ""): ShownField[] {
    const held = new Map(Object.entries(typeof values === "object" && values !== null ? values : {}));
    return Object.entries(fields).flatMap(([name, field]) => {
      const attribute = attributes[name];
      return attribute ? [this.#field(field, attribute, held.get(name), path + name, within)] : [];
    });
  }

  #field(
    field: Field,
    attribute: Attribute<unknown>,
    value: unknown,
    name: string,
    within: string,
  ): ShownField {
    const { label, hint } = field;
    const id = name.replace(/[[\].]+/g, "-").replace(/-$/, "");
    const messages = this.#errors[name] ?? [];
    const error = messages.length > 0 ? sentence(label, messages) : undefined;
    const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
    const fullLabel = within === "" ? label : `${within}: ${label}`;
    const isRequired = !attribute.optional && !("inputType" in field && field.inputType === "checkbox");
    const common = { name, id, label, fullLabel, hint, error, describedBy, isRequired, field };

    if ("each" in field) {
      const below = this.#rows(field, attribute, value, name);
      const isFocused = below.length === 0 && this.#takesFocus(name);
      return { ...common, part: "list", below, isFocused };
    }
    if ("fields" in field) {
      const below = this.fieldsOf(field.fields, attribute.attributes ?? {}, value, `${name}.`, fullLabel);
      return { ...common, part: "group", below, isFocused: false };
    }
    const box = { ...common, isFocused: this.#takesFocus(name), value: textOf(value), below: [] };
    if ("options" in field || field.inputType === "select") return { ...box, part: "select" };
    if (field.inputType === "checkbox") return { ...box, part: "checkbox" };
    if (attribute.isSecret || field.inputType === "password")
      return { ...box, part: "input", value: "", field: { ...field, inputType: "password" } };
    return { ...box, part: field.rows ? "textarea" : "input" };
  }

  #rows({ each }: ListField, { element }: Attribute<unknown>, value: unknown, name: string): ShownField[] {
    const values: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
    return Object.entries(values).flatMap(([number, row], index) => {
      const field = { ...each, label: `${each.label} ${index + 1}` };
      return element ? [this.#field(field, element, row, `${name}[${number}]`, "")] : [];
    });
  }

  /** The field that is meant, or the first field in the row that is meant. */
  #takesFocus(name: string): boolean {
    const focus = this.#focus;
    if (focus === undefined || !name.startsWith(focus)) return false;
    const isMeant = name === focus || /^[.[]/.test(name.slice(focus.length));
    if (isMeant) this.#focus = undefined;
    return isMeant;
  }
}

type Fields = FormDescription["fields"];

/** If a field was sent more than once, the first text. */
export function textOf(value: unknown): string {
  const [first] = Array.isArray(value) ? value : [value];
  if (first instanceof Date) return first.toISOString();
  return typeof first === "object" || first === undefined ? "" : String(first);
}

function sentence(label: string, messages: readonly string[]): string {
  return `${label} ${messages.join(" and ")}`;
}
