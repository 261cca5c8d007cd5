import type { Request, RequestHandler } from "express";
import { calendarDate } from "#sequent";
import { AddPost, EditPost, PublishPost } from "../../domain/post/commands.ts";
import { AddressNotConfirmed } from "../../domain/post/errors.ts";
import { attributesOf } from "../../projections/names.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { form, known } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { formAgain, type Outcome, redirect, type Submission } from "../forms/forms.ts";
import { envelopeOf, fieldOf } from "../forms/hidden-fields.ts";
import type { Rendering } from "../rendering/rendering.ts";
import { savedMessage } from "./post-changes.ts";
import { type OfPost, onlyForAuthor, ownPost, refuseOthers } from "./post-rights.ts";
import type { PageParts } from "./resources.ts";

/** One form for a new post and for an edit. */
export const postForm = form([AddPost, EditPost], {
  title: { label: "Title" },
  content: {
    label: "Text",
    rows: 14,
    hint: "In Markdown: **bold**, *italic*, ## a heading, > a quotation, [a link](https://example.com).",
  },
  authorAggregateId: known,
  publicationDate: known,
});

interface OfAuthor {
  readonly authorId: string;
}

export function addPost({ commandService, queries, rendering, clock }: PageParts): Submission<OfAuthor> {
  const page: FormPage<OfAuthor> = {
    form: postForm,
    view: "posts/new",
    refusals: [AddressNotConfirmed],
    async locals({ params: { authorId } }) {
      const author = await queries.ask({ type: "AuthorById", authorId });
      if (!author) throw new PageNotFound();
      return { author };
    },
  };
  return {
    page,
    async take(req) {
      const { authorId } = req.params;
      refuseOthers(req, authorId);
      const publicationDate = asks(req, "publish") ? calendarDate(clock()) : undefined;
      const given = { ...envelopeOf(req), authorAggregateId: authorId, publicationDate };
      const command = await AddPost.fromParams(req.body, given);
      if (asks(req, "preview")) return preview(rendering, command);
      await commandService.executeCommands(command);
      const path = `/posts/${command.aggregateId}`;
      if (asks(req, "schedule"))
        return redirect(`${path}/schedule`, "Draft saved. Choose when it is published.");
      return redirect(path, publicationDate ? "Post published" : "Draft saved");
    },
  };
}

export function publishPost({ commandService, queries, clock }: PageParts): Submission<OfPost> {
  return {
    async take(req) {
      const aggregateId = req.params.postId;
      const given = { ...envelopeOf(req), aggregateId, publicationDate: calendarDate(clock()) };
      const command = await PublishPost.fromParams({}, given);
      await commandService.executeCommands(command).catch(onlyForAuthor(req, queries));
      return redirect(`/posts/${aggregateId}`, "Post published");
    },
  };
}

export function editPost({ commandService, queries, rendering }: PageParts) {
  const page: FormPage<OfPost> = {
    form: postForm,
    view: "posts/edit",
    locals: ({ params: { postId } }) => ({ postId }),
    conflict: { view: "posts/conflict", rendering },
  };
  return {
    page,
    async take(req) {
      const { postId } = req.params;
      const given = { ...envelopeOf(req), aggregateId: postId };
      const command = await EditPost.fromParams(req.body, given).catch(onlyForAuthor(req, queries));
      if (asks(req, "preview")) {
        await ownPost(req, queries);
        return preview(rendering, command);
      }
      const [result] = await commandService.executeCommands(command).catch(onlyForAuthor(req, queries));
      return redirect(`/posts/${postId}`, await savedMessage(queries, postForm, command, result));
    },
  } satisfies Submission<OfPost>;
}

export function showEditForm({ queries }: PageParts, page: FormPage<OfPost>): RequestHandler<OfPost> {
  return async (req, res) => {
    const post = await ownPost(req, queries);
    await showForm(req, res, page, newForm(page, attributesOf(post), post.version));
  };
}

/** The pressed button of the form. A program may send none. */
function asks(req: Request<unknown>, intent: "preview" | "publish" | "schedule"): boolean {
  return fieldOf(req, "intent") === intent;
}

async function preview(rendering: Rendering, { title, content }: AddPost | EditPost): Promise<Outcome> {
  return formAgain({ preview: { title, html: (await rendering.textOf(content)).html } });
}
