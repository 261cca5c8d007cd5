import type { Request, Response } from "express";
import { reportIn } from "./development-errors.ts";

/** An error as data, RFC 9457. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** What a program may want to know beyond that. */
  readonly data?: Readonly<Record<string, unknown>>;
}

const json = "application/problem+json";

/** Whether the client would rather have errors as data than as a page. */
export function wantsProblem(req: Request<unknown>): boolean {
  const preferred = req.accepts(["html", json, "json"]);
  return preferred === json || preferred === "json";
}

export function sendProblem(res: Response, { data, ...problem }: Problem): void {
  const report = problem.status < 500 ? undefined : reportIn(res);
  const more = { ...data, ...(report && { error: report.error, where: report.where }) };
  res
    .status(problem.status)
    .type(json)
    .send(JSON.stringify({ type: "about:blank", ...problem, ...more }));
}
