import { setImmediate as othersTurn } from "node:timers/promises";
import type { Request } from "express";
import { declaredFields } from "#sequent/operations";
import { escapeHtml } from "../rendering/templates.ts";
import type { FormDescription } from "./description.ts";
import { hiddenNames } from "./hidden-fields.ts";
import { leavesOf, type ShownLeaf, shownForm } from "./shown-form.ts";

/** A text that was sent, as an error page shows it. */
export interface Typed {
  readonly name: string;
  readonly label: string;
  readonly html: string;
  readonly rows: number;
  readonly isHidden: boolean;
  /** Not shown, and to be typed again. */
  readonly isPassword: boolean;
}

/** Whatever was typed, by the labels of the form where it is known: whatever went wrong with it, nothing is lost. */
export async function typedIn({ body = {} }: Request, form: FormDescription | undefined): Promise<Typed[]> {
  const typed: Typed[] = [];
  let escaped = 0;
  for (const { name, value, label, rows, isPassword = false } of textsIn(body, form)) {
    const isLong = value.length > 120 || value.includes("\n");
    const html = await htmlOf(value);
    const isHidden = hiddenNames.includes(name);
    typed.push({ name, label, html, rows: rows ?? (isLong ? 14 : 1), isHidden, isPassword });
    escaped += value.length;
    if (escaped > piece) await othersTurn();
    if (escaped > piece) escaped = 0;
  }
  return typed;
}

interface Text {
  readonly name: string;
  readonly value: string;
  readonly label: string;
  readonly rows?: number | undefined;
  readonly isPassword?: boolean;
}

/** First those of the form, in its order, then whatever else was sent. */
function textsIn(
  body: Readonly<Record<string, string | string[]>>,
  form: FormDescription | undefined,
): Text[] {
  const known = form ? leavesIn(body, form) : [];
  const names = new Set(known.map(({ name }) => name));
  const ofForm = known.map((leaf): Text => {
    const { name, value, fullLabel: label } = leaf;
    const isPassword = leaf.part === "input" && leaf.field.inputType === "password";
    return { name, value, label, isPassword, rows: leaf.part === "textarea" ? leaf.field.rows : undefined };
  });
  const others = Object.entries(body)
    .filter(([name]) => !names.has(name))
    .flatMap(([name, values]) => [values].flat().map((value): Text => ({ name, value, label: name })));
  return [...ofForm, ...others].filter(
    ({ name, value, isPassword }) => value.trim() !== "" || (isPassword && body[name]),
  );
}

function leavesIn(body: object, form: FormDescription): ShownLeaf[] {
  const values = declaredFields(body, form.attributes);
  return leavesOf(shownForm(form, { status: 200, commandId: "", seenVersion: undefined, values }).fields);
}

/** As much as is escaped before others have their turn. */
const piece = 64 * 1024;

async function htmlOf(text: string): Promise<string> {
  if (text.length <= piece) return escapeHtml(text);
  let html = "";
  for (const part of text.match(/.{1,65536}/gsu) ?? []) {
    html += escapeHtml(part);
    await othersTurn();
  }
  return html;
}
