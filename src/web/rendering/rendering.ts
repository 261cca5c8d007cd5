import { hash } from "node:crypto";
import type { Change } from "../editing/changes.ts";
import type { History, HistoryWords, Revision } from "../editing/history.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { excerptOf, type RenderedText, renderMarkdown } from "./markdown.ts";
import { RenderingThread } from "./rendering-thread.ts";

/** A text of up to this many characters takes at most a few milliseconds, whatever it contains. */
const short = 2_000;

/**
 * Renders and compares texts, and keeps the results by the texts themselves. So they are right for every view, version and database. Long
 * texts are handled in a thread of their own.
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

  /** The history of a post. */
  historyOf(revisions: readonly Revision[], words: HistoryWords): Promise<History> {
    const make = () => this.#thread.run("historyOf", revisions, words);
    const key = hash("sha256", JSON.stringify([revisions, words.names]), "base64");
    return this.#once(this.#histories, key, make);
  }

  /** The changes from one text to another. Undefined if there are too many. */
  changesBetween(before: string, after: string): Promise<readonly Change[] | undefined> {
    return this.#thread.run("changesBetween", before, after);
  }

  /** Requests for the same page wait together while it is made. */
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
