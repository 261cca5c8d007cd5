import { PageNotFound } from "../errors/http-errors.ts";
import type { Page } from "../rendering/pages.ts";
import type { Rendering } from "../rendering/rendering.ts";
import type { Questions } from "./questions.ts";

/** A post as it was. */
export async function versionPage(
  { queries, rendering }: { readonly queries: Questions; readonly rendering: Rendering },
  postId: string,
  at: unknown,
): Promise<Page> {
  const version = versionOf(at);
  const post = version && (await queries.ask({ type: "PostAtVersion", postId, version }));
  if (!post) throw new PageNotFound();
  return { view: "posts/version", locals: { post, html: await rendering.htmlOf(post.content ?? "") } };
}

/** The number of an event, as Postgres can take it. */
function versionOf(at: unknown): number | undefined {
  return typeof at === "string" && /^[1-9]\d{0,8}$/.test(at) ? Number(at) : undefined;
}
