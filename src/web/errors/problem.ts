import type { Request } from "express";
import {
  AggregateClosed,
  AggregateKeyNotUnique,
  AggregateNotFound,
  CommandNotValid,
  DomainError,
  VersionConflict,
} from "#sequent";
import {
  AggregateAlreadyExists,
  CommandAlreadyStored,
  CommandIdReused,
  ConcurrentChange,
  StoreUnavailable,
  UserRequired,
  ViewNotLive,
  WrongAggregateType,
} from "#sequent/operations";
import { MailNotSent } from "../../mail/mail.ts";
import { BadRequest, HttpError, PageNotFound, SignInRequired } from "./http-errors.ts";

/** The answer to an error, in words for a person. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** For programs. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The media type of a problem as data, RFC 9457. */
export const problemJson = "application/problem+json";

/** True if the client prefers errors as data. */
export function wantsProblem(req: Request<unknown>): boolean {
  const preferred = req.accepts(["html", problemJson, "json"]);
  return preferred === problemJson || preferred === "json";
}

/** Errors of the domain and of HTTP have words of their own. Any error that is not known here is a mistake in the program. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DomainError) return { ...wordsOf(error), data: error.data };
  if (error instanceof HttpError) return wordsOf(error);
  if (error instanceof CommandNotValid)
    return { ...notRight, data: { errors: error.errors, codes: error.details } };
  if (error instanceof AggregateKeyNotUnique) return { ...notRight, data: { scope: error.scope } };
  if (error instanceof VersionConflict) return { ...tooLate, data: { currentVersion: error.actualVersion } };
  for (const [errorClass, words] of known) if (error instanceof errorClass) return words;
  return isClientError(error) ? { ...wordsOf(new BadRequest()), status: error.status } : ourFault;
}

function wordsOf({ status, title, detail }: Problem): Problem {
  return { status, title, detail };
}

/** Express refuses some requests by itself, and sets their status. */
function isClientError(error: unknown): error is { readonly status: number } {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500;
}

const notRight = problem(
  422,
  "Some of it is not right",
  "Please correct what was sent; nothing of it was stored.",
);
const tooLate = problem(
  409,
  "Somebody else was faster",
  "What you wanted to change has been changed in the meantime, so nothing of yours was stored yet.",
);
const closed = problem(
  409,
  "This can no longer be changed",
  "It is closed, and nothing can be added to it either. Nothing of yours was stored.",
);
const sentBefore = problem(
  409,
  "This form was sent before",
  "It had other values then, and those are stored. To send more, open the form again.",
);
const unavailable = problem(
  503,
  "The blog needs a moment",
  "It cannot do this right now. Please try again in a few seconds.",
);
export const mailNotSent = problem(
  503,
  "The mail could not be sent",
  "The mail server did not take it. Please try again in a minute.",
);
const ourFault = problem(
  500,
  "Something went wrong",
  "This is our fault, not yours. It has been noted; please try again later.",
);

const known = [
  [AggregateNotFound, wordsOf(new PageNotFound())],
  [WrongAggregateType, wordsOf(new PageNotFound())],
  [ConcurrentChange, tooLate],
  [AggregateAlreadyExists, tooLate],
  [AggregateClosed, closed],
  [CommandIdReused, sentBefore],
  [StoreUnavailable, unavailable],
  [CommandAlreadyStored, unavailable],
  [ViewNotLive, unavailable],
  [MailNotSent, mailNotSent],
  [UserRequired, wordsOf(new SignInRequired())],
] as const;

function problem(status: number, title: string, detail: string): Problem {
  return { status, title, detail };
}
