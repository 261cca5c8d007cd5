import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "#sequent/operations";

const mostTries = 300;

/**
 * A person who writes over HTTP, and looks at it, until told to stop. What is not answered with success is sent again
 * with the same command id, so that it happens once.
 */
export class Visitor {
  /** The posts that are there, and published. */
  readonly posts: string[] = [];
  /** Why something was sent again: a status, or "cut". */
  readonly repeated: (number | "cut")[] = [];
  readonly #address: () => string;
  readonly #done: Promise<void>;
  #stopped = false;

  /** The blog may have another address after it was started anew. */
  constructor(authorId: string, address: () => string) {
    this.#address = address;
    this.#done = this.#write(authorId);
    this.#done.catch(() => {}); // heard by who stops it
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #write(authorId: string): Promise<void> {
    while (!this.#stopped) {
      const path = await this.#post(`/authors/${authorId}/posts`, { title: "One", content: "Text" });
      await this.#post(path, { title: "Two", content: "Text" });
      await this.#ask(path);
      await this.#post(`${path}/publication`, {});
      await this.#ask("/");
      this.posts.push(path);
      await sleep(20);
    }
  }

  /** Gives the path that it leads to. */
  async #post(path: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams({ ...fields, commandId: newId() });
    const answer = await this.#ask(path, { method: "POST", body, redirect: "manual" });
    return answer.headers.get("location") ?? "";
  }

  async #ask(path: string, request?: RequestInit): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const answer = await fetch(`${this.#address()}${path}`, request).catch(() => undefined);
      await answer?.text().catch(() => {});
      if (answer && answer.status < 400) return answer;
      this.repeated.push(answer?.status ?? "cut");
      if (tries === mostTries) throw new Error(`${path} is answered with ${answer?.status} all the time`);
      await sleep(50);
    }
  }
}
