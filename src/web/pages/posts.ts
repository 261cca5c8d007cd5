import type { Router } from "express";
import { calendarDate } from "#sequent";
import { type Clock, newId } from "#sequent/operations";
import { AddPost, PublishPost } from "../../domain/post/commands.ts";
import type { Post } from "../../projections/queries.ts";
import { longestHistory } from "../editing/history.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { labelsOf } from "../forms/description.ts";
import { type FormPage, type Forms, redirect, sentForm, showForm } from "../forms/form-page.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import { commandsOf } from "../logging/command-log.ts";
import type { KeptPages } from "../rendering/kept-pages.ts";
import { sendPage } from "../rendering/pages.ts";
import type { Rendering } from "../rendering/rendering.ts";
import { resourceRouter } from "./pages.ts";
import { asks, postForm, previewOf } from "./post-form.ts";
import { versionPage } from "./post-version.ts";
import { type Questions, queriesOf } from "./questions.ts";

const newPost: FormPage<{ readonly authorId: string }> = {
  form: postForm,
  view: "posts/new",
  async locals({ params: { authorId } }, res) {
    const author = await queriesOf(res).ask({ type: "AuthorById", authorId });
    if (!author) throw new PageNotFound();
    return { author };
  },
};

export interface PostRoutes {
  readonly forms: Forms;
  readonly kept: KeptPages;
  readonly rendering: Rendering;
  readonly clock: Clock;
}

export function postRoutes({ forms, kept, rendering, clock }: PostRoutes): Router {
  const router = resourceRouter("authorId", "postId");

  forms.onSubmit(router, "/authors/:authorId/posts", newPost, async (req, res) => {
    const publicationDate = asks(req, "publish") ? calendarDate(clock()) : undefined;
    const known = { ...envelopeOf(req), authorAggregateId: req.params.authorId, publicationDate };
    const command = await AddPost.fromParams(req.body, known);
    if (asks(req, "preview"))
      return showForm(req, res, newPost, sentForm(req, newPost), {
        preview: await previewOf(rendering, command),
      });
    await commandsOf(res).executeCommands(command);
    redirect(res, `/posts/${command.aggregateId}`, publicationDate ? "Post published" : "Draft saved");
  });

  router.get(
    "/posts/:postId",
    kept.route<{ readonly postId: string }>(async ({ params: { postId }, query: { at } }, res) => {
      const queries = queriesOf(res);
      if (at !== undefined) return versionPage({ queries, rendering }, postId, at);
      const post = await postById(queries, postId);
      const html = await rendering.htmlOf(post.content);
      if (post.published_at) return { view: "posts/show", locals: { post, html } };
      // A draft has a form. It is not kept, because no two forms may have the same command id.
      sendPage(res, "posts/show", { post, html, form: { commandId: newId() } });
      return undefined;
    }),
  );

  router.post("/posts/:postId/publication", async (req, res) => {
    const publicationDate = calendarDate(clock());
    const known = { ...envelopeOf(req), aggregateId: req.params.postId, publicationDate };
    await commandsOf(res).executeCommands(await PublishPost.fromParams({}, known));
    redirect(res, `/posts/${known.aggregateId}`, "Post published");
  });

  router.get(
    "/posts/:postId/history",
    kept.route<{ readonly postId: string }>(async ({ params: { postId } }, res) => {
      const queries = queriesOf(res);
      const [post, revisions] = await Promise.all([
        postById(queries, postId),
        queries.ask({ type: "PostRevisions", postId, ...longestHistory }),
      ]);
      const history = await rendering.historyOf(revisions, labelsOf(postForm));
      return { view: "posts/history", locals: { post, history } };
    }),
  );

  return router;
}

async function postById(queries: Questions, postId: string): Promise<Post> {
  const post = await queries.ask({ type: "PostById", postId });
  if (!post) throw new PageNotFound();
  return post;
}
