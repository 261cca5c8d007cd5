import { codeOf, isUuid, withCauses } from "#sequent/operations";

/** What has the words, the best first. The service may be behind, so look up the ids before you show them. */
export interface Found {
  readonly hits: readonly Hit[];
  /** Of all pages. */
  readonly count: number;
  /** The cursor of the next page. */
  readonly next?: string;
}

interface Hit {
  readonly id: string;
  /** A piece of the text, cut where the words begin and end. */
  readonly excerpt: readonly { readonly text: string; readonly isMatch: boolean }[];
}

const patienceMs = 2_000;
const mostBytes = 256 * 1024;
const mostAtOnce = 50;

/** Asks another program, which keeps an index. It may be away, slow or wrong: nothing that it answers is believed without a check. */
export class SearchService {
  readonly #url: string;
  readonly #onAway: (reason: string) => void;
  #running = 0;

  /** `onAway` gets the reason each time that there is no answer. */
  constructor(url: string, onAway: (reason: string) => void) {
    this.#url = url;
    this.#onAway = onAway;
  }

  /** Undefined if the service is away. */
  async find(words: string, after?: string): Promise<Found | undefined> {
    this.#running += 1;
    try {
      // A slow service must not gather the requests of a whole crowd.
      if (this.#running > mostAtOnce) throw new Error(`${mostAtOnce} others wait for an answer`);
      return await this.#ask(new URLSearchParams({ q: words, ...(after && { after }) }));
    } catch (error) {
      this.#onAway(Array.from(withCauses(error), wordsOf).join(": "));
      return undefined;
    } finally {
      this.#running -= 1;
    }
  }

  async #ask(question: URLSearchParams): Promise<Found> {
    const signal = AbortSignal.timeout(patienceMs); // for the whole answer, not only for its beginning
    const answer = await fetch(`${this.#url}/search?${question}`, { signal, redirect: "error" });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    const found: unknown = JSON.parse(await textOf(answer));
    if (!isFound(found)) throw new Error("its answer is not one of a search");
    return found;
  }
}

/** Reads no more than it may have. */
async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > mostBytes) throw new Error("its answer is too large");
  }
  return Buffer.concat(chunks).toString();
}

function isFound(value: unknown): value is Found {
  const { hits, count, next } = Object(value) as Partial<Found>;
  return (
    Array.isArray(hits) &&
    hits.every(isHit) &&
    Number.isSafeInteger(count) &&
    (next === undefined || typeof next === "string")
  );
}

function isHit(value: unknown): value is Hit {
  const { id, excerpt } = Object(value) as Partial<Hit>;
  return isUuid(id) && Array.isArray(excerpt) && excerpt.every(isSegment);
}

function isSegment(value: unknown): boolean {
  const { text, isMatch } = Object(value) as Record<string, unknown>;
  return typeof text === "string" && typeof isMatch === "boolean";
}

/** An error for several addresses of one host has no message, but a code. */
function wordsOf(error: Error): string {
  return error.message || (codeOf(error) ?? error.name);
}
