import type { ErrorRequestHandler, Request, Response } from "express";
import { UserRequired } from "#sequent/operations";
import { SignInRequired } from "../errors/http-errors.ts";
import { wantsProblem } from "../errors/problem.ts";
import type { FormBody } from "../forms/form-body.ts";
import { asksForSecrets } from "../forms/form-page.ts";
import type { Forms } from "../forms/forms.ts";
import type { RequestLog } from "../logging/request-log.ts";
import { visitorOf } from "../visitor.ts";
import type { KeptForms } from "./kept-forms.ts";
import { localPath } from "./local-path.ts";
import { signInPath } from "./sign-in-path.ts";

interface Parts {
  readonly forms: Forms;
  readonly keptForms: KeptForms;
  readonly log: RequestLog;
}

/**
 * Sends people to sign in who have to, and afterwards back to where they were. A form that they sent comes back filled. If it cannot
 * be kept, the page of the error shows what they typed. A program gets that error as data.
 */
export function signInRequired({ forms, keptForms, log }: Parts): ErrorRequestHandler {
  /** Where to go on. Undefined if something that was typed would be lost. */
  const wayBack = async (req: Request, res: Response): Promise<string | undefined> => {
    if (req.method !== "POST") return localPath(req.originalUrl);
    const path = localPath(req.originalUrl);
    const form = forms.sentTo(req, res);
    if (!form) return localPath(pathOfReferer(req)) ?? "/";
    if (path === undefined || asksForSecrets(form)) return undefined;
    const isKept = await keptForms.keep(req, path, req.body as FormBody);
    return isKept ? `/kept-form?path=${encodeURIComponent(path)}` : undefined;
  };
  return async (error: unknown, req: Request, res: Response, next) => {
    const isMeant = error instanceof SignInRequired || error instanceof UserRequired;
    if (!isMeant || wantsProblem(req) || res.headersSent) return next(error);
    const path = await wayBack(req, res);
    if (path === undefined) return next(error);
    log.noteError(res, error);
    res.set("Cache-Control", "private, no-store");
    res.redirect(303, signInPath(path, visitorOf(req) !== undefined));
  };
}

/** The page with the button. The path only, because it must be a page of ours. */
function pathOfReferer(req: Request): string | undefined {
  const referer = req.get("Referer") ?? "";
  if (!URL.canParse(referer)) return undefined;
  const { host, pathname, search } = new URL(referer);
  return host === req.headers.host ? pathname + search : undefined;
}
