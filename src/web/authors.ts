import type { Router } from "express";
import { AddAuthor } from "../domain/author/commands.ts";
import { commandsOf } from "./command-log.ts";
import { PageNotFound } from "./error-pages.ts";
import { flash } from "./flash.ts";
import { envelopeOf, type FormDescription, newForm, refusedForm, showing } from "./form.ts";
import { cursorOf, resourceRouter } from "./pages.ts";
import { queriesOf } from "./questions.ts";
import { isRefused, type Limit } from "./rate-limit.ts";

const authorForm: FormDescription = { fields: ["name", "email"], keys: { author_email: "email" } };

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

export function authorRoutes(): Router {
  const router = resourceRouter("authorId");

  router.get("/authors", async (req, res) => {
    const after = cursorOf(req);
    const authors = await queriesOf(res).ask({ type: "Authors", limit: authorsOnAPage, after });
    res.render("authors/index", { authors, after });
  });

  router.get("/authors/new", (_req, res) => res.render("authors/new", { form: newForm() }));

  router.post("/authors", async (req, res) => {
    try {
      const { commandId } = envelopeOf(req);
      const command = await AddAuthor.fromParams(req.body, { commandId });
      const [author] = await commandsOf(res).executeCommands(command);
      flash(res, "Account created");
      res.redirect(303, `/authors/${author?.aggregateId}`);
    } catch (error) {
      const form = refusedForm(req, error, authorForm);
      showing(res, form).render("authors/new", { form });
    }
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
    res.render("authors/show", { author, posts, after, form: newForm() });
  });

  return router;
}
