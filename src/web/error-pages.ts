import { setImmediate as othersTurn } from "node:timers/promises";
import type { NextFunction, Request, Response } from "express";
import { problemOf } from "./error-problems.ts";
import { hiddenNames, unknownOutcome } from "./form.ts";
import { type Problem, sendProblem, wantsProblem } from "./problem.ts";
import { escapeHtml } from "./templates.ts";

/** A text that was sent, under the name of its field. */
interface Typed {
  readonly name: string;
  readonly html: string;
  readonly rows: number;
  readonly isHidden: boolean;
}

/** There is no page at this address. */
export class PageNotFound extends Error {
  readonly status = 404;
}

export function pageNotFound(_req: Request, _res: Response, next: NextFunction): void {
  next(new PageNotFound());
}

/** The one place that turns errors into pages, or into `application/problem+json` for who asks for that. */
export function errorPages(error: unknown, req: Request, res: Response, next: NextFunction) {
  if (res.headersSent) {
    return next(error); // too late for a page: Express cuts the connection
  }
  const problem = withOutcome(withWait(problemOf(error), error), req);
  const reference = String(res.locals["requestId"]);
  setHeaders(res, error, problem);
  if (wantsProblem(req)) return sendProblem(res, withReference(problem, reference));
  return render(req, res, problem, reference);
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

async function render(req: Request, res: Response, problem: Problem, reference: string): Promise<void> {
  const { status, title, detail } = problem;
  const page = {
    status,
    title,
    detail,
    reference,
    typed: await typedFields(req),
    action: actionOf(req, status),
  };
  res.status(status).render("errors/error", page, (failure: Error | null, html?: string) => {
    if (failure) res.type("text").send(`${title}\n\n${detail}\n\nReference: ${reference}\n`);
    else res.send(html);
  });
}

/** What a person typed is shown again, whatever went wrong with sending it. */
async function typedFields({ body }: Request): Promise<Typed[]> {
  const typed: Typed[] = [];
  for (const [name, values] of Object.entries<string | string[]>(body ?? {}))
    for (const value of [values].flat().filter((value) => value.trim() !== "")) {
      const rows = value.length > 120 || value.includes("\n") ? 14 : 1;
      typed.push({ name, html: await htmlOf(value), rows, isHidden: hiddenNames.includes(name) });
    }
  return typed;
}

/** Escaped; of a long text in pieces, between which others have their turn. */
async function htmlOf(text: string): Promise<string> {
  if (text.length < 64 * 1024) return escapeHtml(text);
  let html = "";
  for (const piece of text.match(/.{1,65536}/gsu) ?? []) {
    html += escapeHtml(piece);
    await othersTurn();
  }
  return html;
}

/** Where it may be sent to again, if that could help: never what another site sent. */
function actionOf(req: Request, status: number): string | undefined {
  return req.method === "POST" && (status === 429 || status === 503) ? req.path : undefined;
}
