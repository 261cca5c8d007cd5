import type { RequestHandler, Router } from "express";
import { newId } from "#sequent/operations";
import { visitorOf } from "../visitor.ts";
import { addPost, editPost, publishPost, showEditForm } from "./post-forms.ts";
import { pageOfVersion, showHistory } from "./post-history.ts";
import { type OfPost, postFor } from "./post-rights.ts";
import { cancelSchedule, schedulePost, showScheduleForm } from "./post-schedule.ts";
import { type PageParts, resources } from "./resources.ts";

export function postRoutes(parts: PageParts): Router {
  const edit = editPost(parts);
  const schedule = schedulePost(parts);
  return resources(parts.forms, {
    "/authors/:authorId/posts": { POST: addPost(parts) },
    "/posts/:postId": { GET: showPost(parts), POST: edit },
    "/posts/:postId/edit": { GET: showEditForm(parts, edit.page) },
    "/posts/:postId/publication": { POST: publishPost(parts) },
    "/posts/:postId/schedule": { GET: showScheduleForm(parts, schedule.page), POST: schedule },
    "/posts/:postId/schedule/cancellation": { POST: cancelSchedule(parts) },
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
    const forms = { publish: { commandId: newId() }, cancel: { commandId: newId() } }; // of a draft
    return { view: "posts/show", locals: { post, text, forms, isOwn }, hasForm: !post.published_at };
  });
}
