import type { RequestHandler, Router } from "express";
import { newId } from "#sequent/operations";
import type { Questions, ShownPost } from "../../projections/queries.ts";
import { longestHistory } from "../editing/history.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import type { Page } from "../rendering/pages.ts";
import type { Rendering } from "../rendering/rendering.ts";
import { addPost, editPost, type OfPost, postWords, publishPost, showEditForm } from "./post-forms.ts";
import { type PageParts, resources } from "./resources.ts";

export function postRoutes(parts: PageParts): Router {
  const edit = editPost(parts);
  return resources(parts.forms, {
    "/authors/:authorId/posts": { post: addPost(parts) },
    "/posts/:postId": { get: showPost(parts), post: edit },
    "/posts/:postId/edit": { get: showEditForm(parts, edit.page) },
    "/posts/:postId/publication": { post: publishPost(parts) },
    "/posts/:postId/history": { get: showHistory(parts) },
  });
}

function showPost({ queries, rendering, kept }: PageParts): RequestHandler<OfPost> {
  return kept.route(async ({ params: { postId }, query: { at } }) => {
    if (at !== undefined) return pageOfVersion(queries, rendering, postId, String(at));
    const post = await postById(queries, postId);
    const text = await rendering.textOf(post.content);
    const form = { commandId: newId() }; // to publish a draft
    return { view: "posts/show", locals: { post, text, form }, hasForm: !post.published_at };
  });
}

/** A past version of a post. Its page may still change: a newer version may appear, or another name of the author. */
async function pageOfVersion(
  queries: Questions,
  rendering: Rendering,
  postId: string,
  at: string,
): Promise<Page> {
  const version = /^[1-9]\d{0,8}$/.test(at) ? Number(at) : undefined; // no more than an integer of Postgres
  const post = version && (await queries.ask({ type: "PostAtVersion", postId, version }));
  if (!post) throw new PageNotFound();
  const text = await rendering.textOf(post.content ?? "");
  return { view: "posts/show", locals: { post, text, isPast: true } };
}

function showHistory({ queries, rendering, kept }: PageParts): RequestHandler<OfPost> {
  return kept.route(async ({ params: { postId } }) => {
    const [post, revisions] = await Promise.all([
      postById(queries, postId),
      queries.ask({ type: "PostRevisions", postId, ...longestHistory }),
    ]);
    const history = await rendering.historyOf(revisions, postWords);
    return { view: "posts/history", locals: { post, history } };
  });
}

async function postById(queries: Questions, postId: string): Promise<ShownPost> {
  const post = await queries.ask({ type: "PostById", postId });
  if (!post) throw new PageNotFound();
  return post;
}
