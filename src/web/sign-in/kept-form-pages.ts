import type { RequestHandler } from "express";
import type { Forms } from "../forms/forms.ts";
import type { Flashes } from "../pages/flash.ts";
import { signedIn } from "../visitor.ts";
import { localPath } from "./local-path.ts";
import type { SignIn } from "./sign-in.ts";

/** The form of somebody who had to sign in first, filled. */
export function showKeptForm({ keptForms }: SignIn, forms: Forms, flashes: Flashes): RequestHandler<unknown> {
  return async (req, res, next) => {
    signedIn(req);
    const path = localPath(req.query["path"]);
    const body = path === undefined ? undefined : await keptForms.find(req, path);
    if (path !== undefined && body) return forms.showAgain(req, res, next, path, body);
    flashes.write(res, "That form is not kept any more. It was stored, or it is older than a day.");
    res.redirect(303, "/");
  };
}
