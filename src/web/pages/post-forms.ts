import type { Request, RequestHandler } from "express";
import { calendarDate } from "#sequent";
import type { CommandResult } from "#sequent/operations";
import { AddPost, EditPost, PublishPost } from "../../domain/post/commands.ts";
import { AddressNotConfirmed } from "../../domain/post/errors.ts";
import { attributesOf } from "../../projections/names.ts";
import type { Questions } from "../../projections/queries.ts";
import type { HistoryWords } from "../editing/history.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { readable } from "../forms/conflict.ts";
import { form, known, labelsOf } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { formAgain, type Outcome, redirect, type Submission } from "../forms/forms.ts";
import { envelopeOf, fieldOf } from "../forms/hidden-fields.ts";
import type { Values } from "../forms/shown-form.ts";
import type { Rendering } from "../rendering/rendering.ts";
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

/** The words in the history of a post. Other events have the label of their field, or the words of their type. */
export const postWords: HistoryWords = {
  aggregateType: "Post",
  labels: labelsOf(postForm),
  events: {
    PostAdded: { heading: "Created" },
    PostAuthorChanged: { heading: "Author set" },
    PostTitleChanged: { heading: "Title changed", first: "Title written" },
    PostContentChanged: { heading: "Text changed", first: "Text written" },
    PostPublished: { heading: "Published", date: "publicationDate" },
  },
};

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
      return redirect(`/posts/${command.aggregateId}`, publicationDate ? "Post published" : "Draft saved");
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
      return redirect(`/posts/${postId}`, savedMessage(await changedByOthers(queries, command, result)));
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
function asks(req: Request<unknown>, intent: "preview" | "publish"): boolean {
  return fieldOf(req, "intent") === intent;
}

async function preview(rendering: Rendering, { title, content }: AddPost | EditPost): Promise<Outcome> {
  return formAgain({ preview: { title, html: (await rendering.textOf(content)).html } });
}

/** The fields in which changes of others were kept. Without such changes, it needs no query. */
async function changedByOthers(
  queries: Questions,
  edit: EditPost,
  result: CommandResult | undefined,
): Promise<string[]> {
  const { aggregateId: postId, seenVersion } = edit;
  const { version, eventCount = 0 } = result ?? {};
  const reader = { readerId: edit.userId };
  if (seenVersion === undefined || version === seenVersion + eventCount) return [];
  const post = await (version === undefined
    ? queries.ask({ type: "PostById", postId, ...reader })
    : queries.ask({ type: "PostAtVersion", postId, version, ...reader }));
  if (!post) return [];
  const saved = attributesOf(post);
  const sent: Values = { ...edit };
  return Object.entries(postForm.fields)
    .filter(([name, field]) => readable(field, saved[name]) !== readable(field, sent[name]))
    .map(([, { label }]) => label.toLowerCase());
}

function savedMessage(changedByOthers: readonly string[]): string {
  if (changedByOthers.length === 0) return "Changes saved";
  return `Changes saved. Somebody else changed the ${changedByOthers.join(" and ")} in the meantime: both are kept.`;
}
