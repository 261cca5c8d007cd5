import type { ErrorRequestHandler, RequestHandler } from "express";
import { LinkNotValid } from "../errors/http-errors.ts";
import { wantsProblem } from "../errors/problem.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { redirect, type Submission } from "../forms/forms.ts";
import type { RequestLog } from "../logging/request-log.ts";
import { sendPage } from "../rendering/pages.ts";
import { visitorOf } from "../visitor.ts";
import { localPath } from "./local-path.ts";
import type { SignIn } from "./sign-in.ts";
import { returnToOf } from "./sign-in-pages.ts";
import { newToken } from "./tokens.ts";

interface OfLink {
  readonly token: string;
}

/** Only the button signs in, because programs that look for dangerous mails follow the links in them. */
export function showLink({ links, asked }: SignIn): RequestHandler<OfLink> {
  return async (req, res) => {
    const { token } = req.params;
    const { email, account_id, return_to } = await links.find(token);
    const visitor = visitorOf(req);
    res.set("Cache-Control", "private, no-store");
    await sendPage(res, "sign-in/link", {
      email,
      token,
      attempt: newToken(),
      returnTo: return_to,
      isAsked: asked.has(req, token),
      isOther: visitor !== undefined && visitor.id !== account_id,
    });
  };
}

export function useLink(signIn: SignIn): Submission<OfLink> {
  return {
    forAnybody: true,
    async take(req) {
      const {
        account_id: id,
        name,
        email,
        is_confirmed,
        return_to,
      } = await signIn.links.use(req, req.params.token);
      if (!is_confirmed) await signIn.confirm({ id, email });
      const path = return_to === undefined ? returnToOf(req) : localPath(return_to);
      return redirect(path ?? "/", `You are signed in as ${name}.`);
    },
  };
}

/** For a link that does not work: the form to ask for a new one. Whoever is signed in does not need it. */
export function linkNotValid(page: FormPage, log: RequestLog): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    if (!(error instanceof LinkNotValid) || wantsProblem(req) || res.headersSent) return next(error);
    log.noteError(res, error);
    if (visitorOf(req)) return res.redirect(303, returnToOf(req) ?? "/");
    const { status, title, detail } = error;
    const form = { ...newForm(page), status };
    await showForm(req, res, { ...page, view: "sign-in/link-not-valid" }, form, { title, detail });
  };
}
