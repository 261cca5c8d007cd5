import { setImmediate as othersTurn } from "node:timers/promises";
import type { Request } from "express";
import { declaredFields } from "#sequent/operations";
import { hiddenNames } from "../form.ts";
import { escapeHtml } from "../templates.ts";
import type { FormDescription } from "./description.ts";
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
  const known = form ? leavesIn(body, form) : [];
  const ofForm = new Set(known.map(({ name }) => name));
  const typed: Typed[] = [];
  for (const leaf of known) {
    const isPassword = leaf.part === "input" && leaf.field.inputType === "password";
    if (leaf.value.trim() === "" && !(isPassword && body[leaf.name])) continue;
    const rows = leaf.part === "textarea" ? leaf.field.rows : 1;
    typed.push({
      ...(await typedText(leaf.name, leaf.value, leaf.fullLabel)),
      isPassword,
      ...(rows && { rows }),
    });
  }
  for (const [name, values] of Object.entries<string | string[]>(body))
    if (!ofForm.has(name))
      for (const value of [values].flat())
        if (value.trim() !== "") typed.push(await typedText(name, value, name));
  return typed;
}

function leavesIn(body: object, form: FormDescription): ShownLeaf[] {
  const values = declaredFields(body, form.attributes);
  return leavesOf(shownForm(form, { status: 200, commandId: "", version: undefined, values }).fields);
}

async function typedText(name: string, value: string, label: string): Promise<Typed> {
  const rows = value.length > 120 || value.includes("\n") ? 14 : 1;
  const isHidden = hiddenNames.includes(name);
  return { name, label, html: await htmlOf(value), rows, isHidden, isPassword: false };
}

/** Escaped; of a long text in pieces, between which others have their turn. */
async function htmlOf(text: string): Promise<string> {
  if (text.length < 64 * 1024) return escapeHtml(text);
  let html = "";
  for (const piece of text.match(/.{1,65536}/gsu) ?? []) {
    html += escapeHtml(piece);
    await othersTurn();
  }
  return html;
}
