import type { Response } from "express";
import { Answer } from "./answer.ts";

/** A template, and the values that it shows. */
export interface Page {
  readonly view: string;
  readonly locals: object;
  /** By default HTML. */
  readonly type?: string;
  /** A page with a form is not kept, because no two forms may have the same command id. */
  readonly hasForm?: boolean;
}

export async function sendPage(res: Response, view: string, locals: object): Promise<void> {
  await (await renderPage(res, { view, locals })).send(res);
}

export function renderPage(res: Response, { view, locals, type }: Page): Promise<Answer> {
  return new Promise((resolve, reject) => {
    res.render(view, locals, (error: Error | null, text = "") => {
      if (error) reject(error);
      else resolve(new Answer(text, type));
    });
  });
}
