import type { Response, Router } from "express";
import { EditPost } from "../domain/post/commands.ts";
import type { AppOptions } from "./app.ts";
import { commandsOf } from "./command-log.ts";
import { conflictForm, EditConflict } from "./edit-conflict.ts";
import { PageNotFound } from "./error-pages.ts";
import { flash } from "./flash.ts";
import { envelopeOf, type Form, newForm, refusedForm, sentForm, showing } from "./form.ts";
import { resourceRouter } from "./pages.ts";
import { asks, postForm, previewOf } from "./post-form.ts";
import { saveEdit } from "./save-edit.ts";

export function postEditRoutes({ queries }: AppOptions): Router {
  const router = resourceRouter("postId");

  router.get("/posts/:postId/edit", async ({ params: { postId } }, res) => {
    const post = await queries.ask({ type: "PostById", postId });
    if (!post) throw new PageNotFound();
    showEdit(res, postId, newForm({ title: post.title, content: post.content }, post.version));
  });

  router.post("/posts/:postId", async (req, res) => {
    const { postId } = req.params;
    try {
      const edit = await EditPost.fromParams(req.body, { ...envelopeOf(req), aggregateId: postId });
      if (asks(req, "preview")) return showEdit(res, postId, sentForm(req, postForm), edit);
      const { changedByOthers } = await saveEdit({ commandService: commandsOf(res), queries }, edit);
      flash(res, savedMessage(changedByOthers));
      res.redirect(303, `/posts/${postId}`);
    } catch (error) {
      if (error instanceof EditConflict) {
        const form = conflictForm(req, error);
        showing(res, form).render("posts/conflict", { postId, error, form });
      } else {
        showEdit(res, postId, refusedForm(req, error, postForm));
      }
    }
  });

  return router;
}

function showEdit(res: Response, postId: string, form: Form, previewed?: EditPost): void {
  showing(res, form).render("posts/edit", { postId, form, preview: previewOf(previewed) });
}

function savedMessage(changedByOthers: readonly string[]): string {
  if (changedByOthers.length === 0) return "Changes saved";
  return `Changes saved. Somebody else changed the ${changedByOthers.join(" and ")} in the meantime: both are kept.`;
}
