/** What an entry takes beside its characters: even empty texts fill the memory when there are enough of them. */
const overhead = 100;

/** Remembers texts by key up to so many characters in all, and forgets what was not asked for the longest. */
export class BoundedCache {
  readonly #most: number;
  readonly #texts = new Map<string, string>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string, make: () => string): string {
    const known = this.#texts.get(key);
    const text = known ?? make();
    if (known === undefined) this.#size += sizeOf(key, text);
    else this.#texts.delete(key); // and set again: the order of a Map is the order of setting
    this.#texts.set(key, text);
    this.#forget();
    return text;
  }

  #forget(): void {
    for (const [key, text] of this.#texts) {
      if (this.#size <= this.#most) return;
      this.#texts.delete(key);
      this.#size -= sizeOf(key, text);
    }
  }
}

function sizeOf(key: string, text: string): number {
  return key.length + text.length + overhead;
}
