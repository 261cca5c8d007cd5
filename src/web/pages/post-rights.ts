import type { Request } from "express";
import { CommandNotValid } from "#sequent";
import { NotTheAuthor } from "../../domain/shared/errors.ts";
import type { ShownPost } from "../../projections/post/queries.ts";
import type { Questions } from "../../projections/queries.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { readerOf, signedIn } from "../visitor.ts";

export interface OfPost {
  readonly postId: string;
}

/** The post, if this person may read it. A draft of somebody else is not there. */
export async function postFor(req: Request<OfPost>, queries: Questions): Promise<ShownPost> {
  const post = await queries.ask({ type: "PostById", postId: req.params.postId, ...readerOf(req) });
  if (!post) throw new PageNotFound();
  return post;
}

/** The post itself refuses others. This is for what does not reach it: a form that is shown, a preview, a mistake in a field. */
export async function ownPost(req: Request<OfPost>, queries: Questions): Promise<ShownPost> {
  signedIn(req);
  const post = await postFor(req, queries);
  refuseOthers(req, post.author_aggregate_id);
  return post;
}

export function refuseOthers(req: Request<unknown>, authorId: string | null): void {
  if (signedIn(req).id !== authorId) throw new NotTheAuthor(authorId ?? "");
}

/** Others get no form to correct, and do not find out that there is a draft. The author gets the error itself. */
export function onlyForAuthor(req: Request<OfPost>, queries: Questions) {
  return async (error: unknown): Promise<never> => {
    if (error instanceof NotTheAuthor || error instanceof CommandNotValid) await ownPost(req, queries);
    throw error;
  };
}
