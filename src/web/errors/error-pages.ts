import type { ErrorRequestHandler, NextFunction, Request, Response } from "express";
import type { Forms } from "../forms/form-page.ts";
import { unknownOutcome } from "../forms/hidden-fields.ts";
import { type Typed, typedIn } from "../forms/typed.ts";
import { Answer } from "../rendering/answer.ts";
import { problemOf } from "./error-problems.ts";
import { PageNotFound } from "./http-errors.ts";
import { type Problem, sendProblem, wantsProblem } from "./problem.ts";

export function pageNotFound(_req: Request, _res: Response, next: NextFunction): void {
  next(new PageNotFound());
}

/** The one place that turns errors into pages, or into `application/problem+json` for who asks for that. */
export function errorPages({ forms }: { readonly forms: Forms }): ErrorRequestHandler {
  return async (error: unknown, req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(error); // too late for a page: Express cuts the connection
    const problem = withOutcome(withWait(problemOf(error), error), req);
    const reference = String(res.locals["requestId"]);
    setHeaders(res, error, problem);
    if (wantsProblem(req)) return sendProblem(res, withReference(problem, reference));
    render(req, res, problem, { reference, typed: await typedIn(req, forms.sentTo(req, res)) });
  };
}

function setHeaders(res: Response, error: unknown, { status }: Problem): void {
  const { allow, retryAfter } = error as { allow?: unknown; retryAfter?: unknown };
  res.set("Cache-Control", "no-store");
  if (status === 405 && typeof allow === "string") res.set("Allow", allow);
  if (typeof retryAfter === "number") res.set("Retry-After", String(retryAfter));
  else if (status === 503 && !res.get("Retry-After")) res.set("Retry-After", "5");
}

/** How long "a little" is, for who was too fast. */
function withWait(problem: Problem, error: unknown): Problem {
  const { retryAfter } = error as { retryAfter?: unknown };
  if (problem.status !== 429 || typeof retryAfter !== "number") return problem;
  const minutes = Math.ceil(retryAfter / 60);
  const wait = retryAfter < 90 ? `${retryAfter} seconds` : `${minutes} minutes`;
  return { ...problem, detail: `That was a lot in a short time. Please try again in ${wait}.` };
}

/** With a status below 500 nothing was stored. After a 500 or more, it is not known whether the form was stored. */
function withOutcome(problem: Problem, req: Request): Problem {
  if (problem.status < 500 || req.method !== "POST") return problem;
  return { ...problem, detail: `${problem.detail} ${unknownOutcome(req)}` };
}

function withReference(problem: Problem, reference: string): Problem {
  return problem.status === 500 ? { ...problem, data: { reference } } : problem;
}

function render(req: Request, res: Response, problem: Problem, more: { reference: string; typed: Typed[] }) {
  const { status, title, detail } = problem;
  const page = { status, title, detail, action: actionOf(req, status), ...more };
  res.status(status).render("errors/error", page, (failure: Error | null, html = "") => {
    if (failure) res.type("text").send(`${title}\n\n${detail}\n\nReference: ${more.reference}\n`);
    else new Answer(html).send(res);
  });
}

/** Where it may be sent to again, if that could help: never what another site sent. */
function actionOf(req: Request, status: number): string | undefined {
  return req.method === "POST" && (status === 429 || status === 503) ? req.path : undefined;
}
