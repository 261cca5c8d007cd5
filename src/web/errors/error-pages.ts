import type { ErrorRequestHandler, NextFunction, Request, Response } from "express";
import type { Forms } from "../forms/forms.ts";
import { unknownOutcome } from "../forms/hidden-fields.ts";
import { typedIn } from "../forms/typed.ts";
import { type RequestLog, requestIdOf } from "../logging/request-log.ts";
import { sendPage } from "../rendering/pages.ts";
import { reportOf } from "./error-report.ts";
import { MethodNotAllowed, PageNotFound, TooManyRequests } from "./http-errors.ts";
import { type Problem, problemJson, problemOf, wantsProblem } from "./problem.ts";

interface ErrorPagesParts {
  readonly forms: Forms;
  readonly log: RequestLog;
  /** True to show errors of the program on their page. */
  readonly showErrors?: boolean;
}

export function pageNotFound(_req: Request, _res: Response, next: NextFunction): void {
  next(new PageNotFound());
}

/** The one place that turns errors into pages, or into `application/problem+json` for clients that prefer that. */
export function errorPages({ forms, log, showErrors = false }: ErrorPagesParts): ErrorRequestHandler {
  return async (error: unknown, req: Request, res: Response, next: NextFunction) => {
    log.noteError(res, error);
    if (res.headersSent) return next(error); // too late for a page: Express cuts the connection
    const problem = withOutcome(problemOf(error), req);
    const isOurs = problem.status >= 500;
    const report = showErrors && isOurs ? reportOf(error, req, log.commandsBehind(error)) : undefined;
    setHeaders(res, error, problem);
    if (wantsProblem(req)) {
      const { data, ...about } = problem;
      const reference = problem.status === 500 && { reference: requestIdOf(res) };
      const more = report && { error: report.error, where: report.where };
      res.type(problemJson);
      res.send(JSON.stringify({ type: "about:blank", ...about, ...data, ...reference, ...more }));
      return;
    }
    const typed = await typedIn(req, forms.sentTo(req, res));
    await render(res, problem, { action: actionOf(req, problem), typed, report });
  };
}

/** With a status below 500 nothing was stored. After a 500 or more, it is not known whether the form was stored. */
function withOutcome(problem: Problem, req: Request): Problem {
  if (problem.status < 500 || req.method !== "POST") return problem;
  return { ...problem, detail: `${problem.detail} ${unknownOutcome(req)}` };
}

function setHeaders(res: Response, error: unknown, { status }: Problem): void {
  res.status(status).set("Cache-Control", "private, no-store");
  if (error instanceof MethodNotAllowed) res.set("Allow", error.allow);
  if (error instanceof TooManyRequests) res.set("Retry-After", String(error.retryAfter));
  else if (status === 503 && !res.get("Retry-After")) res.set("Retry-After", "5");
}

/** The address to send the form to again, if that could help. Never for a form from another site. */
function actionOf(req: Request, { status }: Problem): string | undefined {
  return req.method === "POST" && (status === 429 || status === 503) ? req.path : undefined;
}

async function render(res: Response, { status, title, detail }: Problem, more: object): Promise<void> {
  const reference = requestIdOf(res);
  const page = { status, title, detail, reference, ...more };
  await sendPage(res, "errors/error", page).catch(() => {
    res.type("text").send(`${title}\n\n${detail}\n\nReference: ${reference}\n`);
  });
}
