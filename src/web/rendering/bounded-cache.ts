/** The size of an entry in addition to its length, because many empty texts fill the memory, too. */
const overhead = 100;

/** Keeps texts, or other values with a length, up to a total length. Drops the least recently used entries. */
export class BoundedCache<Value extends { readonly length: number }> {
  readonly #most: number;
  readonly #values = new Map<string, Value>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string, make: () => Value): Value {
    return this.find(key) ?? this.keep(key, make());
  }

  find(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key); // set it again as the last: a Map keeps the order of insertion
    this.#values.set(key, value);
    return value;
  }

  keep(key: string, value: Value): Value {
    this.#forget(key);
    this.#values.set(key, value);
    this.#size += sizeOf(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#size <= this.#most) break;
      this.#forget(oldest);
    }
    return value;
  }

  #forget(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#size -= sizeOf(key, value);
  }
}

function sizeOf(key: string, { length }: { readonly length: number }): number {
  return key.length + length + overhead;
}
