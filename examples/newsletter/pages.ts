import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import helmet from "helmet";
import type { Logger } from "pino";
import { type Readers, TooManySignUps } from "./readers.ts";
import type { Purpose, Tokens } from "./tokens.ts";

interface PageParts {
  readonly readers: Readers;
  readonly tokens: Tokens;
  readonly blogUrl: string;
  readonly log: Logger;
}

interface OfToken {
  readonly token: string;
}

const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const pico = createRequire(import.meta.url).resolve("@picocss/pico/css/pico.classless.min.css");

export function createPages({ readers, tokens, blogUrl, log }: PageParts): Express {
  const app = express();
  app.set("view engine", "ejs").set("views", own("views"));
  app.locals["blogUrl"] = blogUrl;
  app.use(
    helmet({ contentSecurityPolicy: { useDefaults: false, directives }, strictTransportSecurity: false }),
  );
  app.get("/pico.css", (_req, res) => res.sendFile(pico, { maxAge: "1 day" }));
  app.use(express.static(own("public"), { maxAge: "1 day" }));
  app.use(express.urlencoded({ extended: false, limit: "10kb" }));
  app.use((_req, res, next) => {
    res.setHeader("Cache-Control", "no-store");
    next();
  });

  app.get("/", (_req, res) => res.render("sign-up", { email: "", problem: undefined }));

  app.post("/", async (req, res) => {
    const email = textIn(req.body?.email);
    const again = (status: number, problem: string) =>
      res.status(status).render("sign-up", { email, problem });
    if (!isAddress(email)) return again(422, "This is not a mail address. One looks like ann@example.com");
    try {
      await readers.signUp(email);
    } catch (error) {
      if (!(error instanceof TooManySignUps)) throw error;
      return again(429, "Too many people sign up at present. Please try again in an hour.");
    }
    res.redirect(303, "/look-in-your-mailbox");
  });

  app.get("/look-in-your-mailbox", (_req, res) => res.render("look-in-your-mailbox"));

  // Programs that look for dangerous mails follow the links in them, so only the buttons change something.
  const showButton =
    (purpose: Purpose): RequestHandler<OfToken> =>
    ({ params: { token } }, res, next) => {
      if (tokens.readerOf(token, purpose) === undefined) return next();
      res.render(purpose, { isDone: false });
    };
  app.get("/confirm/:token", showButton("confirm"));
  app.get("/unsubscribe/:token", showButton("unsubscribe"));

  app.post("/confirm/:token", async (req, res, next) => {
    const reader = tokens.readerOf(req.params.token, "confirm");
    if (reader === undefined || !(await readers.confirm(reader))) return next();
    res.render("confirm", { isDone: true });
  });

  /** A mail program may send it by itself (RFC 8058), so it answers with a page, and needs nothing but the link. */
  app.post("/unsubscribe/:token", async (req, res, next) => {
    const reader = tokens.readerOf(req.params.token, "unsubscribe");
    if (reader === undefined) return next();
    await readers.unsubscribe(reader);
    res.render("unsubscribe", { isDone: true });
  });

  app.use((req, res) =>
    res.status(404).render("problem", { isLink: /^\/\w+\/./.test(req.path), status: 404 }),
  );

  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    const status = error.status >= 400 && error.status < 500 ? error.status : 500;
    if (status === 500) log.error({ err: error }, "page failed");
    res.status(status).render("problem", { isLink: false, status });
  };
  app.use(onError);
  return app;
}

const directives = {
  "default-src": "'none'",
  "style-src": "'self'",
  "img-src": "'self' data:", // Pico has its icons in its own text
  "form-action": "'self'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
};

/** A field may come twice, or not at all. */
function textIn(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}

/** Only addresses that every program reads as one, the same one. */
function isAddress(email: string): boolean {
  return (
    email.length <= 254 &&
    /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(email) &&
    !email.includes("=?")
  );
}
