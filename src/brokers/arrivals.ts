/** Keeps what a client hands over, until a loop asks for it. */
export class Arrivals<Item> {
  #items: Item[] = [];
  #isOver = false;
  #wake = () => {};
  #onTaken = () => {};

  readonly push = (item: Item): void => {
    this.#items.push(item);
    this.#wake();
  };

  /** No more are awaited. */
  readonly end = (): void => {
    this.#isOver = true;
    this.#wake();
    this.#onTaken();
  };

  /** Waits while there are more than so many, so that they do not fill the memory. */
  async room(most: number): Promise<void> {
    if (this.#items.length < most || this.#isOver) return;
    await new Promise<void>((resolve) => {
      this.#onTaken = resolve;
    });
  }

  /** All that have arrived. Waits for the first one; empty when it is over. */
  async all(): Promise<Item[]> {
    if (this.#items.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const items = this.#items;
    this.#items = [];
    this.#onTaken();
    return items;
  }
}
