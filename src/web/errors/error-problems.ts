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
import { RenderingBusy } from "../rendering/rendering-thread.ts";
import { FormTooLarge, UnknownHost } from "./http-errors.ts";
import type { Problem } from "./problem.ts";

/** What an error is to the person whose request led to it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DomainError) {
    const { status, title, detail, data } = error;
    return { status, title, detail, data };
  }
  const status = statusOf(error);
  const [title, detail] = texts[status] ?? texts[400] ?? ["", ""];
  const problem: Problem = { status, title, detail };
  if (error instanceof UnknownHost || error instanceof RenderingBusy || error instanceof FormTooLarge)
    return { ...problem, detail: error.message };
  if (error instanceof CommandNotValid)
    return { ...problem, data: { errors: error.errors, codes: error.details } };
  if (error instanceof AggregateKeyNotUnique) return { ...problem, data: { scope: error.scope } };
  if (error instanceof AggregateClosed)
    return { ...problem, title: "This can no longer be changed", detail: closed };
  if (error instanceof CommandIdReused)
    return { ...problem, title: "This form was sent before", detail: reused };
  if (error instanceof VersionConflict) return { ...problem, data: { currentVersion: error.actualVersion } };
  return problem;
}

const closed = "It has come to its end, and nothing can be added to it either. Nothing of yours was stored.";
const reused =
  "It arrived with something else in it that time, and that is stored. Open the form anew to send more.";

const statuses = [
  [CommandNotValid, 422],
  [AggregateKeyNotUnique, 422],
  [AggregateNotFound, 404],
  [WrongAggregateType, 404],
  [VersionConflict, 409],
  [AggregateClosed, 409],
  [CommandIdReused, 409],
  [ConcurrentChange, 409],
  [AggregateAlreadyExists, 409],
  [StoreUnavailable, 503],
  [CommandAlreadyStored, 503],
  [ViewNotLive, 503],
] as const;

/** An error of ours by its class; one of the middleware says its status itself; all else is our fault. */
function statusOf(error: unknown): number {
  const known = statuses.find(([errorClass]) => error instanceof errorClass);
  if (known) return known[1];
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  const isClients = typeof status === "number" && status >= 400 && status < 500;
  return isClients || status === 503 ? status : 500;
}

const texts: Readonly<Record<number, readonly [title: string, detail: string]>> = {
  400: ["That was not understood", "The address or the form is not one that this blog can read."],
  403: [
    "This came from another site",
    "To protect you, forms are taken only from this blog's own pages. Open the page here and send it again.",
  ],
  404: ["Page not found", "There is nothing at this address. It may have been mistyped, or the link is old."],
  405: [
    "That cannot be done here",
    "This page exists, but not for what your browser or program asked of it.",
  ],
  409: [
    "Somebody else was faster",
    "What you wanted to change has been changed in the meantime, so nothing of yours was stored yet.",
  ],
  413: ["That is too much at once", "What was sent is larger than what is taken here."],
  415: ["Please send a form", "This address takes forms only (application/x-www-form-urlencoded in UTF-8)."],
  421: ["This is another blog", "The address you used does not belong to this blog."],
  422: ["Some of it is not right", "Please correct what was sent; nothing of it was stored."],
  429: ["Not so fast", "That was a lot in a short time. Please wait a little and try again."],
  431: ["That is too much at once", "Your browser or program sent more headers than this blog reads."],
  500: ["Something went wrong", "This is our fault, not yours. It has been noted; please try again later."],
  503: ["The blog needs a moment", "It cannot do this right now. Please try again in a few seconds."],
};
