import type { ErrorRequestHandler, RequestHandler } from "express";
import type { Forms } from "../forms/forms.ts";
import type { RequestLog } from "../logging/request-log.ts";
import type { Flashes } from "../pages/flash.ts";
import { resources } from "../pages/resources.ts";
import { showKeptForm } from "./kept-form-pages.ts";
import { linkNotValid, showLink, useLink } from "./link-pages.ts";
import { endSessions, showSessions, signOut } from "./session-pages.ts";
import type { SignIn } from "./sign-in.ts";
import { askForLink, showSignIn, signInPage } from "./sign-in-pages.ts";
import { signInRequired } from "./sign-in-required.ts";

interface Parts {
  readonly signIn: SignIn;
  readonly forms: Forms;
  readonly flashes: Flashes;
  readonly log: RequestLog;
}

/** The pages of this room. */
export function signInRoutes({ signIn, forms, flashes }: Parts): RequestHandler {
  const page = signInPage(signIn);
  return resources(forms, {
    "/sign-in": { GET: showSignIn(page), POST: askForLink(signIn, page) },
    "/sign-in/:token": { GET: showLink(signIn), POST: useLink(signIn) },
    "/sign-out": { POST: signOut(signIn) },
    "/account/sessions": { GET: showSessions(signIn), POST: endSessions(signIn) },
    "/kept-form": { GET: showKeptForm(signIn, forms, flashes) },
  });
}

/** The errors that lead to a page of this room. Place it after all routes. */
export function signInErrors({ signIn, forms, log }: Parts): ErrorRequestHandler[] {
  return [signInRequired({ forms, keptForms: signIn.keptForms, log }), linkNotValid(signInPage(signIn), log)];
}
