import type { Request, RequestHandler } from "express";
import { CreationCommand, email, visible } from "#sequent";
import { form } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { redirect, type Submission } from "../forms/forms.ts";
import { fieldOf } from "../forms/hidden-fields.ts";
import { sendPage } from "../rendering/pages.ts";
import { visitorOf } from "../visitor.ts";
import { localPath } from "./local-path.ts";
import type { SignIn } from "./sign-in.ts";
import { signInPath } from "./sign-in-path.ts";

/** What one types to sign in. It is checked as a command, and executed nowhere. */
class AskForLink extends CreationCommand("AskForLink", { email: email(visible) }) {}

const signInForm = form([AskForLink], {
  email: { label: "E-mail", inputType: "email", autocomplete: "email" },
});

export function signInPage({ accounts }: SignIn): FormPage {
  return {
    form: signInForm,
    view: "sign-in/form",
    locals: (req) => ({ returnTo: returnToOf(req), signUpPath: accounts.signUpPath, again: isAgain(req) }),
  };
}

export function showSignIn(page: FormPage): RequestHandler<unknown> {
  return async (req, res) => {
    const visitor = visitorOf(req);
    const returnTo = returnToOf(req);
    if (req.query["sent"] !== undefined)
      return sendPage(res, "sign-in/sent", { path: signInPath(returnTo, isAgain(req)) });
    if (visitor && !isAgain(req)) return res.redirect(303, returnTo ?? "/");
    await showForm(req, res, page, newForm(page, visitor && { email: visitor.email }));
  };
}

export function askForLink({ links }: SignIn, page: FormPage): Submission {
  return {
    page,
    forAnybody: true,
    async take(req) {
      const { email } = await AskForLink.fromParams(req.body, {});
      const returnTo = returnToOf(req);
      await links.ask(req, email, returnTo);
      return redirect(signInPath(returnTo, isAgain(req), true), `A mail is on its way to ${email}.`);
    },
  };
}

/** From the address of the page, or from its form. */
export function returnToOf(req: Request<unknown>): string | undefined {
  return localPath(fieldOf(req, "return_to") ?? req.query["return_to"]);
}

function isAgain(req: Request<unknown>): boolean {
  return (fieldOf(req, "again") ?? req.query["again"]) === "yes";
}
