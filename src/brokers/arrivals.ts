/** Keeps what a client hands over by calling, until a loop asks for it. */
export class Arrivals<Item> {
  #items: Item[] = [];
  #wake = () => {};
  #isOver = false;

  readonly push = (item: Item): void => {
    this.#items.push(item);
    this.#wake();
  };

  /** No more are awaited. */
  readonly end = (): void => {
    this.#isOver = true;
    this.#wake();
  };

  /** All that have arrived. Waits for the first one; empty when it is over. */
  async all(): Promise<Item[]> {
    if (this.#items.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
