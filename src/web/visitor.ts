import type { Request } from "express";
import { SignInRequired } from "./errors/http-errors.ts";

/** Somebody who is signed in. This comes from their session, and from nothing else in the request. */
export interface Visitor {
  /** The id of their account. It is the `userId` of their commands. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** True if they have shown that the address is theirs. */
  readonly isConfirmed: boolean;
  readonly sessionId: string;
  /** True if they showed who they are in the last 15 minutes: by a link, or by signing up. */
  readonly isRecent: boolean;
}

/** The person who sent this request, if they are signed in. Templates know them as `visitor`. */
export function visitorOf({ res }: Request<unknown>): Visitor | undefined {
  return res?.locals["visitor"];
}

/** The person who sent this request. Everybody else is sent to sign in, and back to this page afterwards. */
export function signedIn(req: Request<unknown>): Visitor {
  const visitor = visitorOf(req);
  if (!visitor) throw new SignInRequired();
  return visitor;
}

/** Who reads, for queries that show people more of what is theirs. */
export function readerOf(req: Request<unknown>): { readonly readerId: string | undefined } {
  return { readerId: visitorOf(req)?.id };
}

/** For what a stranger at an open browser must not do: it needs a sign-in of the last 15 minutes. */
export function requireRecentSignIn(req: Request<unknown>): Visitor {
  const visitor = signedIn(req);
  if (!visitor.isRecent) throw new SignInRequired();
  return visitor;
}
