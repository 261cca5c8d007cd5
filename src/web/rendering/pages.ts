import type { Response } from "express";
import { Answer } from "./answer.ts";

/** A template, and what it shows. */
export interface Page {
  readonly view: string;
  readonly locals: object;
  /** By default HTML. */
  readonly type?: string;
}

export function sendPage(res: Response, view: string, locals: object): void {
  renderPage(res, { view, locals }, (answer) => answer.send(res));
}

/** An error of the template is one of the route. */
export function renderPage(
  res: Response,
  { view, locals, type }: Page,
  send: (answer: Answer) => void,
): void {
  res.render(view, locals, (error: Error | null, text = "") => {
    if (error) return res.req.next?.(error);
    send(new Answer(text, type));
  });
}
