import type { Request } from "express";
import { type FormDescription, fieldOf } from "./form.ts";
import type { Rendering } from "./rendering.ts";

/** What the forms of a new post and of an edit have in common. */
export const postForm: FormDescription = { fields: ["title", "content"] };

/** Which button of the form was pressed; none of them for a program that names none. */
export function asks(req: Request, intent: "preview" | "publish"): boolean {
  return fieldOf(req, "intent") === intent;
}

export async function previewOf(
  rendering: Rendering,
  command: { readonly title: string; readonly content: string } | undefined,
) {
  return command && { title: command.title, html: await rendering.htmlOf(command.content) };
}
