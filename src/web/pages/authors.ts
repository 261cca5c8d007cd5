import type { Router } from "express";
import { AddAuthor } from "../../domain/author/commands.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { form } from "../forms/description.ts";
import { type FormPage, type Forms, newForm, redirect, showForm } from "../forms/form-page.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import { isRefused, type Limit } from "../guards/rate-limit.ts";
import { commandsOf } from "../logging/command-log.ts";
import type { KeptPages } from "../rendering/kept-pages.ts";
import { sendPage } from "../rendering/pages.ts";
import { cursorOf, resourceRouter } from "./pages.ts";
import { postForm } from "./post-form.ts";
import { queriesOf } from "./questions.ts";

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

/** Only an author who was added counts. */
export const signUps: Limit = {
  name: "sign-ups",
  most: 5,
  seconds: 60 * 60,
  counts: (req) => /^\/authors\/?$/.test(req.path), // the router takes both
  unless: isRefused,
};

const authorsOnAPage = 50;
const postsOnAPage = 20;

export function authorRoutes({ forms, kept }: { readonly forms: Forms; readonly kept: KeptPages }): Router {
  const router = resourceRouter("authorId");

  router.get(
    "/authors",
    kept.route(async (req, res) => {
      const after = cursorOf(req);
      const authors = await queriesOf(res).ask({ type: "Authors", limit: authorsOnAPage, after });
      return { view: "authors/index", locals: { authors, after } };
    }),
  );

  router.get("/authors/new", (req, res) => showForm(req, res, signUp, newForm(signUp)));

  forms.onSubmit(router, "/authors", signUp, async (req, res) => {
    const command = await AddAuthor.fromParams(req.body, envelopeOf(req));
    await commandsOf(res).executeCommands(command);
    redirect(res, `/authors/${command.aggregateId}`, "Account created");
  });

  router.get("/authors/:authorId", async (req, res) => {
    const queries = queriesOf(res);
    const { authorId } = req.params;
    const after = cursorOf(req);
    const [author, posts] = await Promise.all([
      queries.ask({ type: "AuthorById", authorId }),
      queries.ask({ type: "PostsByAuthor", authorId, limit: postsOnAPage, after }),
    ]);
    if (!author) throw new PageNotFound();
    sendPage(res, "authors/show", { author, posts, after, form: newForm({ form: postForm }) });
  });

  return router;
}
