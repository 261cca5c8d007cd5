import type { Response, Router } from "express";
import { calendarDate } from "#sequent";
import { AddPost, PublishPost } from "../domain/post/commands.ts";
import type { Post } from "../projections/queries.ts";
import { commandsOf } from "./command-log.ts";
import { PageNotFound } from "./error-pages.ts";
import { flash } from "./flash.ts";
import { envelopeOf, type Form, newForm, refusedForm, sentForm, showing } from "./form.ts";
import { longestHistory } from "./history.ts";
import { KeptPages } from "./kept-pages.ts";
import { resourceRouter } from "./pages.ts";
import { asks, postForm, previewOf } from "./post-form.ts";
import { showVersion } from "./post-version.ts";
import { type Questions, queriesOf } from "./questions.ts";
import type { Rendering } from "./rendering.ts";

export function postRoutes({ rendering }: { readonly rendering: Rendering }): Router {
  const router = resourceRouter("authorId", "postId");
  const kept = new KeptPages();

  router.post("/authors/:authorId/posts", async (req, res) => {
    const { authorId } = req.params;
    try {
      const { commandId } = envelopeOf(req);
      const publicationDate = asks(req, "publish") ? calendarDate() : undefined;
      const known = { authorAggregateId: authorId, commandId, publicationDate };
      const add = await AddPost.fromParams(req.body, known);
      if (asks(req, "preview")) return await showNewPost(res, authorId, sentForm(req, postForm), add);
      const [post] = await commandsOf(res).executeCommands(add);
      flash(res, publicationDate ? "Post published" : "Draft saved");
      res.redirect(303, `/posts/${post?.aggregateId}`);
    } catch (error) {
      const form = refusedForm(req, error, postForm);
      await showNewPost(res, authorId, form).catch((failure) => {
        throw form.status === 503 ? error : failure; // a missing author does not tell whether the post was stored
      });
    }
  });

  async function showNewPost(res: Response, authorId: string, form: Form, previewed?: AddPost) {
    const author = await queriesOf(res).ask({ type: "AuthorById", authorId });
    if (!author) throw new PageNotFound();
    const preview = await previewOf(rendering, previewed);
    showing(res, form).render("posts/new", { author, form, preview });
  }

  router.get("/posts/:postId", async ({ params: { postId }, query: { at } }, res) => {
    const queries = queriesOf(res);
    if (at !== undefined) return showVersion(res, { queries, rendering }, postId, at);
    const page = kept.page(res, `/posts/${postId}`);
    if (await page.isSent(() => queries.ask({ type: "RevisionOfPost", postId }))) return;
    const post = await postById(queries, postId);
    // The page of a draft has a form, and no two forms may have the same command id.
    const revision = post.published_at ? post.revision : undefined;
    const html = await rendering.htmlOf(post.content);
    page.render("posts/show", { post, html, form: newForm() }, revision);
  });

  router.post("/posts/:postId/publication", async (req, res) => {
    const { postId: aggregateId } = req.params;
    const publicationDate = calendarDate();
    const { commandId } = envelopeOf(req);
    await commandsOf(res).executeCommands(
      await PublishPost.fromParams({}, { aggregateId, commandId, publicationDate }),
    );
    flash(res, "Post published");
    res.redirect(303, `/posts/${aggregateId}`);
  });

  router.get("/posts/:postId/history", async ({ params: { postId } }, res) => {
    const queries = queriesOf(res);
    const [post, revisions] = await Promise.all([
      postById(queries, postId),
      queries.ask({ type: "PostRevisions", postId, ...longestHistory }),
    ]);
    res.render("posts/history", { post, history: await rendering.historyOf(revisions) });
  });

  return router;
}

async function postById(queries: Questions, postId: string): Promise<Post> {
  const post = await queries.ask({ type: "PostById", postId });
  if (!post) throw new PageNotFound();
  return post;
}
