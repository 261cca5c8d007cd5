import type { Router } from "express";
import { AddAuthor } from "../../domain/author/commands.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { form } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { redirect } from "../forms/forms.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import { isRefused, type Limit } from "../guards/rate-limit.ts";
import { sendPage } from "../rendering/pages.ts";
import { postForm } from "./post-forms.ts";
import { cursorOf, type PageParts, resources } from "./resources.ts";

export const authorForm = form([AddAuthor], {
  name: { label: "Name", hint: "As readers will see it above your posts.", autocomplete: "name" },
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

export function authorRoutes({ commandService, queries, forms, kept }: PageParts): Router {
  return resources(forms, {
    "/authors": {
      get: kept.route(async (req) => {
        const after = cursorOf(req);
        const authors = await queries.ask({ type: "Authors", limit: authorsOnAPage, after });
        return { view: "authors/index", locals: { authors, after } };
      }),

      post: {
        page: signUp,
        async take(req) {
          const command = await AddAuthor.fromParams(req.body, envelopeOf(req));
          await commandService.executeCommands(command);
          return redirect(`/authors/${command.aggregateId}`, "Account created");
        },
      },
    },

    "/authors/new": { get: (req, res) => showForm(req, res, signUp, newForm(signUp)) },

    "/authors/:authorId": {
      async get(req, res) {
        const { authorId } = req.params;
        const after = cursorOf(req);
        const [author, posts] = await Promise.all([
          queries.ask({ type: "AuthorById", authorId }),
          queries.ask({ type: "PostsByAuthor", authorId, limit: postsOnAPage, after }),
        ]);
        if (!author) throw new PageNotFound();
        await sendPage(res, "authors/show", { author, posts, after, form: newForm({ form: postForm }) });
      },
    },
  });
}
