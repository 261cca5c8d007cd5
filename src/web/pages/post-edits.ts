import type { Router } from "express";
import type { CommandResult } from "#sequent/operations";
import { EditPost } from "../../domain/post/commands.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { readable } from "../forms/conflict.ts";
import { type FormPage, type Forms, newForm, redirect, sentForm, showForm } from "../forms/form-page.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import type { Values } from "../forms/shown-form.ts";
import { commandsOf } from "../logging/command-log.ts";
import type { Rendering } from "../rendering/rendering.ts";
import { attributesOf } from "./attributes-of.ts";
import { resourceRouter } from "./pages.ts";
import { asks, postForm, previewOf } from "./post-form.ts";
import { type Questions, queriesOf } from "./questions.ts";

export function postEditRoutes({
  forms,
  rendering,
}: {
  readonly forms: Forms;
  readonly rendering: Rendering;
}): Router {
  const router = resourceRouter("postId");
  const editPost: FormPage<{ readonly postId: string }> = {
    form: postForm,
    view: "posts/edit",
    locals: ({ params: { postId } }) => ({ postId }),
    conflict: { view: "posts/conflict", rendering },
  };

  router.get("/posts/:postId/edit", async (req, res) => {
    const post = await queriesOf(res).ask({ type: "PostById", postId: req.params.postId });
    if (!post) throw new PageNotFound();
    await showForm(req, res, editPost, newForm(editPost, attributesOf(post), post.version));
  });

  forms.onSubmit(router, "/posts/:postId", editPost, async (req, res) => {
    const { postId } = req.params;
    const command = await EditPost.fromParams(req.body, { ...envelopeOf(req), aggregateId: postId });
    if (asks(req, "preview"))
      return showForm(req, res, editPost, sentForm(req, editPost), {
        preview: await previewOf(rendering, command),
      });
    const [result] = await commandsOf(res).executeCommands(command);
    redirect(res, `/posts/${postId}`, savedMessage(await changedByOthers(queriesOf(res), command, result)));
  });

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
  const [saved, sent] = [attributesOf(post), { ...edit } as Values];
  return Object.entries(postForm.fields)
    .filter(([name, field]) => readable(field, saved[name]) !== readable(field, sent[name]))
    .map(([, { label }]) => label.toLowerCase());
}

function savedMessage(changedByOthers: readonly string[]): string {
  if (changedByOthers.length === 0) return "Changes saved";
  return `Changes saved. Somebody else changed the ${changedByOthers.join(" and ")} in the meantime: both are kept.`;
}
