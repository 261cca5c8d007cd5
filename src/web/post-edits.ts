import type { Response, Router } from "express";
import { EditConflict } from "#sequent";
import type { CommandResult } from "#sequent/operations";
import { EditPost } from "../domain/post/commands.ts";
import { commandsOf } from "./command-log.ts";
import { bothSides, conflictForm } from "./edit-conflict.ts";
import { PageNotFound } from "./error-pages.ts";
import { flash } from "./flash.ts";
import { envelopeOf, type Form, newForm, refusedForm, sentForm, showing, textsOf } from "./form.ts";
import { resourceRouter } from "./pages.ts";
import { asks, postForm, previewOf } from "./post-form.ts";
import { type Questions, queriesOf } from "./questions.ts";
import type { Rendering } from "./rendering.ts";

export function postEditRoutes({ rendering }: { readonly rendering: Rendering }): Router {
  const router = resourceRouter("postId");

  router.get("/posts/:postId/edit", async ({ params: { postId } }, res) => {
    const post = await queriesOf(res).ask({ type: "PostById", postId });
    if (!post) throw new PageNotFound();
    await showEdit(res, postId, newForm({ title: post.title, content: post.content }, post.version));
  });

  router.post("/posts/:postId", async (req, res) => {
    const { postId } = req.params;
    try {
      const edit = await EditPost.fromParams(req.body, { ...envelopeOf(req), aggregateId: postId });
      if (asks(req, "preview")) return await showEdit(res, postId, sentForm(req, postForm), edit);
      const [result] = await commandsOf(res).executeCommands(edit);
      flash(res, savedMessage(await changedByOthers(queriesOf(res), edit, result)));
      res.redirect(303, `/posts/${postId}`);
    } catch (error) {
      if (error instanceof EditConflict) {
        const form = conflictForm(req, error, postForm);
        const conflicts = await bothSides(rendering, error, postForm);
        showing(res, form).render("posts/conflict", { postId, conflicts, form });
      } else {
        await showEdit(res, postId, refusedForm(req, error, postForm));
      }
    }
  });

  async function showEdit(res: Response, postId: string, form: Form, previewed?: EditPost): Promise<void> {
    const preview = await previewOf(rendering, previewed);
    showing(res, form).render("posts/edit", { postId, form, preview });
  }

  return router;
}

/** The fields in which somebody else's change was kept. No query if the post was still as its editor had seen it. */
async function changedByOthers(
  queries: Questions,
  edit: EditPost,
  result: CommandResult | undefined,
): Promise<string[]> {
  const { aggregateId: postId, seenVersion } = edit;
  const { version, eventCount = 0 } = result ?? {};
  if (seenVersion === undefined || version === seenVersion + eventCount) return [];
  const post = await (version === undefined
    ? queries.ask({ type: "PostById", postId })
    : queries.ask({ type: "PostAtVersion", postId, version }));
  if (!post) return [];
  const [saved, sent] = [textsOf(post, postForm), textsOf(edit, postForm)];
  return postForm.fields.filter((name) => saved[name] !== sent[name]);
}

function savedMessage(changedByOthers: readonly string[]): string {
  if (changedByOthers.length === 0) return "Changes saved";
  return `Changes saved. Somebody else changed the ${changedByOthers.join(" and ")} in the meantime: both are kept.`;
}
