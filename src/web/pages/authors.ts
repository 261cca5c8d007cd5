import type { Router } from "express";
import { AddAuthor } from "../../domain/author/commands.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { form } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { redirect } from "../forms/forms.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import { isRefused, type Limit } from "../guards/rate-limit.ts";
import { readerOf, visitorOf } from "../visitor.ts";
import { postForm } from "./post-forms.ts";
import { cursorOf, type PageParts, resources } from "./resources.ts";

export const nameField = {
  label: "Name",
  hint: "As readers will see it above your posts.",
  autocomplete: "name",
} as const;

export const authorForm = form([AddAuthor], {
  name: nameField,
  email: {
    label: "E-mail",
    hint: "One account for each address. It is never shown.",
    inputType: "email",
    autocomplete: "email",
    unique: "author_email",
  },
});

const signUp: FormPage = { form: authorForm, view: "authors/new" };

/** Counts only an author who was added. */
export const signUps: Limit = {
  name: "sign-ups",
  most: 5,
  seconds: 60 * 60,
  counts: (req) => /^\/authors\/?$/.test(req.path), // the router takes both
  unless: isRefused,
};

const authorsOnAPage = 50;
const postsOnAPage = 20;

export function authorRoutes({ commandService, queries, forms, kept, signIn }: PageParts): Router {
  return resources(forms, {
    "/authors": {
      GET: kept.route(async (req) => {
        const after = cursorOf(req);
        const authors = await queries.ask({ type: "Authors", limit: authorsOnAPage, after });
        return { view: "authors/index", locals: { authors, after } };
      }),

      POST: {
        page: signUp,
        forAnybody: true,
        async take(req) {
          // Nobody is named as its sender. Otherwise the same form would ask for something else after it has signed them in.
          const command = await AddAuthor.fromParams(req.body, { ...envelopeOf(req), userId: undefined });
          await commandService.executeCommands(command);
          const { aggregateId: id, commandId, email } = command;
          const isMailed = await signIn?.signUp(req, { id, commandId, email });
          return redirect(`/authors/${id}`, welcome(isMailed));
        },
      },
    },

    "/authors/new": { GET: (req, res) => showForm(req, res, signUp, newForm(signUp)) },

    "/authors/:authorId": {
      GET: kept.route(async (req) => {
        const { authorId } = req.params;
        const after = cursorOf(req);
        const [author, posts] = await Promise.all([
          queries.ask({ type: "AuthorById", authorId }),
          queries.ask({ type: "PostsByAuthor", authorId, ...readerOf(req), limit: postsOnAPage, after }),
        ]);
        if (!author) throw new PageNotFound();
        const isOwn = visitorOf(req)?.id === authorId && !author.erased_at;
        const form = isOwn ? newForm({ form: postForm }) : undefined;
        return { view: "authors/show", locals: { author, posts, after, form }, hasForm: isOwn };
      }),
    },
  });
}

function welcome(isMailed: boolean | undefined): string {
  if (isMailed === undefined) return "Account created";
  return isMailed
    ? "Account created. A mail is on its way to you: open its link to confirm your address."
    : "Account created. The mail that confirms your address could not be sent. Ask for it again in your account.";
}
