import type { Request, RequestHandler, Router } from "express";
import { newId } from "#sequent/operations";
import { longestHistory } from "../editing/history.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import type { Page } from "../rendering/pages.ts";
import { readerOf, visitorOf } from "../visitor.ts";
import { addPost, editPost, postWords, publishPost, showEditForm } from "./post-forms.ts";
import { type OfPost, postFor } from "./post-rights.ts";
import { type PageParts, resources } from "./resources.ts";

export function postRoutes(parts: PageParts): Router {
  const edit = editPost(parts);
  return resources(parts.forms, {
    "/authors/:authorId/posts": { POST: addPost(parts) },
    "/posts/:postId": { GET: showPost(parts), POST: edit },
    "/posts/:postId/edit": { GET: showEditForm(parts, edit.page) },
    "/posts/:postId/publication": { POST: publishPost(parts) },
    "/posts/:postId/history": { GET: showHistory(parts) },
  });
}

function showPost({ queries, rendering, kept }: PageParts): RequestHandler<OfPost> {
  return kept.route(async (req) => {
    const { at } = req.query;
    if (at !== undefined) return pageOfVersion(req, { queries, rendering }, String(at));
    const post = await postFor(req, queries);
    const text = await rendering.textOf(post.content);
    const isOwn = visitorOf(req)?.id === post.author_aggregate_id;
    const form = { commandId: newId() }; // to publish a draft
    return { view: "posts/show", locals: { post, text, form, isOwn }, hasForm: !post.published_at };
  });
}

/** A past version of a post. Its page may still change: a newer version may appear, or another name of the author. */
async function pageOfVersion(
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

function showHistory({ queries, rendering, kept }: PageParts): RequestHandler<OfPost> {
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
