import { createHash } from "node:crypto";
import type { PostRevision } from "../projections/queries.ts";
import { BoundedCache } from "./bounded-cache.ts";
import type { Change } from "./changes.ts";
import type { History } from "./history.ts";
import { renderMarkdown } from "./markdown.ts";
import { RenderingThread } from "./rendering-thread.ts";

/** A text of so many characters takes a few milliseconds at the most, whatever is in it. */
const short = 2_000;

/**
 * What pages show of texts, made once and kept by the texts themselves: so it is right whatever view, version or
 * database they came from. What may take long is made in a thread of its own.
 */
export class Rendering {
  readonly #thread = new RenderingThread();
  readonly #pages = new BoundedCache<string>(8_000_000);
  readonly #histories = new BoundedCache<History>(4_000_000);
  readonly #making = new Map<string, Promise<unknown>>();

  /** A text in Markdown as HTML. */
  async htmlOf(text: string): Promise<string> {
    if (text.length <= short) return this.#pages.get(text, () => renderMarkdown(text));
    return this.#once(this.#pages, text, () => this.#thread.run("renderMarkdown", text));
  }

  /** What happened to a post. */
  historyOf(revisions: readonly PostRevision[]): Promise<History> {
    return this.#once(this.#histories, hashOf(revisions), () => this.#thread.run("historyOf", revisions));
  }

  /** From one text to another; undefined where too much changed. */
  changesBetween(before: string, after: string): Promise<readonly Change[] | undefined> {
    return this.#thread.run("changesBetween", before, after);
  }

  /** All who ask for the same while it is made wait for it together. */
  async #once<Value extends { readonly length: number }>(
    kept: BoundedCache<Value>,
    key: string,
    make: () => Promise<Value>,
  ): Promise<Value> {
    const known = kept.find(key) ?? (this.#making.get(key) as Promise<Value> | undefined);
    if (known !== undefined) return known;
    const making = make().finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return kept.keep(key, await making);
  }
}

function hashOf(revisions: readonly PostRevision[]): string {
  const hash = createHash("sha256");
  for (const { version, change, value, created_at } of revisions)
    hash.update(JSON.stringify([version, change, created_at, value?.length])).update(value ?? "");
  return hash.digest("base64");
}
