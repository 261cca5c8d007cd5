/**
 * Asks once for all who want to know the same within one turn of the event loop. Nobody gets an answer that was asked
 * for before they came, and nobody waits for the answer of somebody else.
 */
export class SharedAsking<Answer> {
  readonly #waiting = new Map<string, Promise<Answer>>();

  ask(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const answer = new Promise((resolve) => setImmediate(resolve)).then(() => {
      this.#waiting.delete(key);
      return ask();
    });
    this.#waiting.set(key, answer);
    return answer;
  }
}
