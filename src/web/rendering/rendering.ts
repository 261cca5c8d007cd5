import { createHash } from "node:crypto";
import type { Change } from "../editing/changes.ts";
import type { History, HistoryWords, Revision } from "../editing/history.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { excerptOf, type RenderedText, renderMarkdown } from "./markdown.ts";
import { RenderingThread } from "./rendering-thread.ts";

/** A text of up to so many characters takes a few milliseconds at the most, whatever it contains. */
const short = 2_000;

/**
 * Makes what pages show of texts, and keeps it under the texts themselves. So it is right, whatever view, version or
 * database a text comes from. Long texts are done in a thread of their own.
 */
export class Rendering {
  readonly #thread = new RenderingThread();
  readonly #texts = new BoundedCache<RenderedText>(8_000_000);
  readonly #excerpts = new BoundedCache<string>(1_000_000);
  readonly #histories = new BoundedCache<History>(4_000_000);
  readonly #making = new Map<string, Promise<unknown>>();

  /** The beginning of a post in Markdown, as plain text of a few lines. */
  readonly excerptOf = (beginning: string): string =>
    this.#excerpts.get(beginning, () => excerptOf(beginning));

  /** A text in Markdown, as HTML and as an excerpt. */
  async textOf(text: string): Promise<RenderedText> {
    if (text.length <= short) return this.#texts.get(text, () => renderMarkdown(text));
    return this.#once(this.#texts, text, () => this.#thread.run("renderMarkdown", text));
  }

  /** What happened to a post. The words are always the same ones. */
  historyOf(revisions: readonly Revision[], words: HistoryWords): Promise<History> {
    const make = () => this.#thread.run("historyOf", revisions, words);
    return this.#once(this.#histories, hashOf(revisions), make);
  }

  /** The changes from one text to another; undefined if there are too many. */
  changesBetween(before: string, after: string): Promise<readonly Change[] | undefined> {
    return this.#thread.run("changesBetween", before, after);
  }

  /** Requests for the same page while it is made wait for it together. */
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

function hashOf(revisions: readonly Revision[]): string {
  const hash = createHash("sha256");
  for (const { version, event_type, payload, created_at } of revisions)
    hash.update(JSON.stringify([version, event_type, payload, created_at]));
  return hash.digest("base64");
}
