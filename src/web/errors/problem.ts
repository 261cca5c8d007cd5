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
  ViewNotLive,
  WrongAggregateType,
} from "#sequent/operations";
import { BadRequest, HttpError, PageNotFound } from "./http-errors.ts";

/** What an error is to the person whose request led to it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** For programs. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The media type of a problem as data, RFC 9457. */
export const problemJson = "application/problem+json";

/** Whether the client prefers errors as data. */
export function wantsProblem(req: Request<unknown>): boolean {
  const preferred = req.accepts(["html", problemJson, "json"]);
  return preferred === problemJson || preferred === "json";
}

/** An error of the domain and one of HTTP have words of their own. An error that is not known here is our fault. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DomainError) return wordsOf(error, error.data);
  if (error instanceof HttpError) return wordsOf(error);
  if (error instanceof CommandNotValid)
    return { ...notRight, data: { errors: error.errors, codes: error.details } };
  if (error instanceof AggregateKeyNotUnique) return { ...notRight, data: { scope: error.scope } };
  if (error instanceof AggregateNotFound || error instanceof WrongAggregateType)
    return wordsOf(new PageNotFound());
  if (error instanceof VersionConflict) return { ...tooLate, data: { currentVersion: error.actualVersion } };
  if (error instanceof ConcurrentChange || error instanceof AggregateAlreadyExists) return tooLate;
  if (error instanceof AggregateClosed) return closed;
  if (error instanceof CommandIdReused) return sentBefore;
  if (
    error instanceof StoreUnavailable ||
    error instanceof CommandAlreadyStored ||
    error instanceof ViewNotLive
  )
    return unavailable;
  return isClientError(error) ? { ...wordsOf(new BadRequest()), status: error.status } : ourFault;
}

function wordsOf({ status, title, detail }: Problem, data?: Problem["data"]): Problem {
  return { status, title, detail, ...(data && { data }) };
}

/** Express refuses some requests by itself, and says with which status. */
function isClientError(error: unknown): error is { readonly status: number } {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500;
}

const notRight: Problem = {
  status: 422,
  title: "Some of it is not right",
  detail: "Please correct what was sent; nothing of it was stored.",
};

const tooLate: Problem = {
  status: 409,
  title: "Somebody else was faster",
  detail: "What you wanted to change has been changed in the meantime, so nothing of yours was stored yet.",
};

const closed: Problem = {
  status: 409,
  title: "This can no longer be changed",
  detail: "It has come to its end, and nothing can be added to it either. Nothing of yours was stored.",
};

const sentBefore: Problem = {
  status: 409,
  title: "This form was sent before",
  detail:
    "It arrived with something else in it that time, and that is stored. Open the form anew to send more.",
};

const unavailable: Problem = {
  status: 503,
  title: "The blog needs a moment",
  detail: "It cannot do this right now. Please try again in a few seconds.",
};

const ourFault: Problem = {
  status: 500,
  title: "Something went wrong",
  detail: "This is our fault, not yours. It has been noted; please try again later.",
};
