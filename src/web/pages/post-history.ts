import type { Request, RequestHandler } from "express";
import { longestHistory } from "../editing/history.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import type { Page } from "../rendering/pages.ts";
import { readerOf } from "../visitor.ts";
import { type OfPost, postFor } from "./post-rights.ts";
import { postWords } from "./post-words.ts";
import type { PageParts } from "./resources.ts";

/** A past version of a post. Its page may still change: a newer version may appear, or another name of the author. */
export async function pageOfVersion(
  req: Request<OfPost>,
  { queries, rendering }: Pick<PageParts, "queries" | "rendering">,
  at: string,
): Promise<Page> {
  const { postId } = req.params;
  const version = /^[1-9]\d{0,8}$/.test(at) ? Number(at) : undefined; // no more than an integer of Postgres
  const post = version && (await queries.ask({ type: "PostAtVersion", postId, version, ...readerOf(req) }));
  if (!post) throw new PageNotFound();
  const text = await rendering.textOf(post.content ?? "");
  return { view: "posts/show", locals: { post, text, isPast: true } };
}

export function showHistory({ queries, rendering, kept }: PageParts): RequestHandler<OfPost> {
  return kept.route(async (req) => {
    const { postId } = req.params;
    const [post, revisions] = await Promise.all([
      postFor(req, queries),
      queries.ask({ type: "PostRevisions", postId, ...readerOf(req), ...longestHistory }),
    ]);
    const { author_aggregate_id, author_name } = post;
    const names = author_aggregate_id && author_name ? { [author_aggregate_id]: author_name } : {};
    const history = await rendering.historyOf(revisions, { ...postWords, names });
    return { view: "posts/history", locals: { post, history } };
  });
}
