import type { Response } from "express";
import { PageNotFound } from "../errors/http-errors.ts";
import type { Rendering } from "../rendering/rendering.ts";
import type { Questions } from "./questions.ts";

/**
 * A post as it was. What it said then never changes, but the page may: there are newer versions, its author has another
 * name or was erased. So it is asked for again like any page.
 */
export async function showVersion(
  res: Response,
  { queries, rendering }: { readonly queries: Questions; readonly rendering: Rendering },
  postId: string,
  at: unknown,
): Promise<void> {
  const version = versionOf(at);
  const post = version && (await queries.ask({ type: "PostAtVersion", postId, version }));
  if (!post) throw new PageNotFound();
  res.render("posts/version", { post, html: await rendering.htmlOf(post.content ?? "") });
}

/** The number of an event, as Postgres can take it. */
function versionOf(at: unknown): number | undefined {
  return typeof at === "string" && /^[1-9]\d{0,8}$/.test(at) ? Number(at) : undefined;
}
