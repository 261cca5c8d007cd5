/**
 * Asks once for all who want to know the same at the same time. Nobody gets an answer that was asked for before they
 * came: who comes while one is under way waits, together with all who come after them, for the next one.
 */
export class SharedAsking<Answer> {
  readonly #underWay = new Map<string, Promise<Answer>>();
  readonly #next = new Map<string, Promise<Answer>>();

  ask(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const underWay = this.#underWay.get(key);
    if (underWay === undefined) return this.#start(key, ask);
    let next = this.#next.get(key);
    if (next === undefined) {
      const start = () => {
        this.#next.delete(key);
        return this.#start(key, ask);
      };
      next = underWay.then(start, start);
      this.#next.set(key, next);
    }
    return next;
  }

  #start(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const answer = ask();
    this.#underWay.set(key, answer);
    const end = () => {
      if (this.#underWay.get(key) === answer) this.#underWay.delete(key);
    };
    answer.then(end, end);
    return answer;
  }
}
