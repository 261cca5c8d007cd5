import { setImmediate as othersTurn } from "node:timers/promises";
import type { Request } from "express";
import { declaredFields } from "#sequent/operations";
import { escapeHtml } from "../rendering/templates.ts";
import type { FormDescription } from "./description.ts";
import type { FormBody } from "./form-body.ts";
import { hiddenNames } from "./hidden-fields.ts";
import { everyField, type ShownField, shownForm } from "./shown-form.ts";

/** A sent text on an error page. */
interface Typed {
  readonly name: string;
  readonly label: string;
  readonly html: string;
  readonly rows: number;
  readonly isHidden: boolean;
  /** A password. It is not shown and has to be typed again. */
  readonly isPassword: boolean;
}

interface Text extends Pick<Typed, "name" | "label"> {
  readonly value: string;
  readonly field?: ShownField["field"];
}

/** All typed texts, so nothing is lost. They have the labels of the form, if it is known. */
export async function typedIn({ body = {} }: Request, form: FormDescription | undefined): Promise<Typed[]> {
  const typed: Typed[] = [];
  for (const { name, label, value, field } of textsIn(body, form)) {
    const isPassword = field !== undefined && "inputType" in field && field.inputType === "password";
    if (value.trim() === "" && !(isPassword && body[name])) continue;
    const isLong = value.length > 120 || value.includes("\n");
    const rows = field && "rows" in field && field.rows ? field.rows : isLong ? 14 : 1;
    const html = await htmlOf(value);
    typed.push({ name, label, html, rows, isHidden: hiddenNames.includes(name), isPassword });
  }
  return typed;
}

/** First the fields of the form, in order, and then all others. */
function textsIn(body: FormBody, form: FormDescription | undefined): Text[] {
  const known = form ? boxesIn(body, form) : [];
  const names = new Set(known.map(({ name }) => name));
  const others = Object.entries(body).filter(([name]) => !names.has(name));
  return [
    ...known.map(({ name, value = "", fullLabel: label, field }) => ({ name, label, value, field })),
    ...others.flatMap(([name, values]) => [values].flat().map((value) => ({ name, label: name, value }))),
  ];
}

function boxesIn(body: object, form: FormDescription): ShownField[] {
  const values = declaredFields(body, form.attributes);
  const { fields } = shownForm(form, { status: 200, commandId: "", seenVersion: undefined, values });
  return everyField(fields).filter(({ value }) => value !== undefined);
}

/**
 * A megabyte takes some 30 ms, so others have their turn between the pieces. V8 keeps a text that was added up as a tree, and writes it
 * out when it is sent: here each piece is written out in its turn.
 */
async function htmlOf(text: string): Promise<string> {
  let html = "";
  for (const piece of text.match(/.{1,65536}/gsu) ?? []) {
    html += Buffer.from(escapeHtml(piece)).toString();
    await othersTurn();
  }
  return html;
}
