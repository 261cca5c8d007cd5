import type { Request } from "express";
import { AddPost, EditPost } from "../../domain/post/commands.ts";
import { form, known } from "../forms/description.ts";
import { fieldOf } from "../forms/hidden-fields.ts";
import type { Rendering } from "../rendering/rendering.ts";

/** A new post and an edit are the same to whoever writes. */
export const postForm = form([AddPost, EditPost], {
  title: { label: "Title" },
  content: {
    label: "Text",
    rows: 14,
    hint: "In Markdown: **bold**, *italic*, ## a heading, > a quotation, [a link](https://example.com).",
  },
  authorAggregateId: known,
  publicationDate: known,
});

/** Which button of the form was pressed; none of them for a program that names none. */
export function asks(req: Request<unknown>, intent: "preview" | "publish"): boolean {
  return fieldOf(req, "intent") === intent;
}

export async function previewOf(rendering: Rendering, { title, content }: AddPost | EditPost) {
  return { title, html: await rendering.htmlOf(content) };
}
