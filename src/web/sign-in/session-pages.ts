import type { Request, RequestHandler } from "express";
import { isUuid } from "#sequent/operations";
import { PageNotFound } from "../errors/http-errors.ts";
import { type Outcome, redirect, type Submission } from "../forms/forms.ts";
import { fieldOf } from "../forms/hidden-fields.ts";
import { sendPage } from "../rendering/pages.ts";
import { signedIn } from "../visitor.ts";
import type { SignIn } from "./sign-in.ts";

export function showSessions({ store }: SignIn): RequestHandler<unknown> {
  return async (req, res) => {
    const { id, sessionId } = signedIn(req);
    await sendPage(res, "sign-in/sessions", { sessions: await store.sessionsOf(id), sessionId });
  };
}

/** The pressed button says which: the id of a session, "others" or "all". */
export function endSessions(signIn: SignIn): Submission {
  return {
    take(req) {
      const which = fieldOf(req, "end");
      if (which === "others") return endOthers(signIn, req);
      if (which === "all") return endAll(signIn, req);
      return endOne(signIn, req, which);
    },
  };
}

export function signOut(signIn: SignIn): Submission {
  return {
    forAnybody: true,
    async take(req) {
      await signIn.signOut(req);
      return redirect("/", "You are signed out.");
    },
  };
}

async function endOthers({ store }: SignIn, req: Request<unknown>): Promise<Outcome> {
  const { id, sessionId } = signedIn(req);
  await store.endLinks(id);
  await store.endSessions(id, { except: sessionId });
  return redirect("/account/sessions", "You are signed out everywhere else.");
}

async function endAll(signIn: SignIn, req: Request<unknown>): Promise<Outcome> {
  await signIn.endSessions(signedIn(req).id);
  await signIn.signOut(req);
  return redirect("/", "You are signed out everywhere.");
}

async function endOne(signIn: SignIn, req: Request<unknown>, id: unknown): Promise<Outcome> {
  const visitor = signedIn(req);
  if (typeof id !== "string" || !isUuid(id)) throw new PageNotFound();
  if (id === visitor.sessionId) {
    await signIn.signOut(req);
    return redirect("/", "You are signed out.");
  }
  await signIn.store.endSessions(visitor.id, { only: id });
  return redirect("/account/sessions", "That browser is signed out.");
}
