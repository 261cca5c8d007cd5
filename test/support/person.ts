import { newId } from "#sequent/operations";
import { Cookies } from "./cookies.ts";

interface Page {
  readonly status: number;
  readonly text: string;
  /** Where it leads. */
  readonly location: string;
}

/** A person with a browser that keeps cookies. Each request goes to another process. */
export class Person {
  readonly #addresses: readonly string[];
  readonly #cookies = new Cookies();
  #requests = 0;

  /** The token of a session, if they have one. */
  constructor(addresses: readonly string[], session?: string) {
    this.#addresses = addresses;
    if (session) this.#cookies.set("session", session);
  }

  get(path: string): Promise<Page> {
    return this.#ask(path, {});
  }

  send(path: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    const body = new URLSearchParams({ ...fields, commandId: newId() });
    return this.#ask(path, { method: "POST", body });
  }

  async #ask(path: string, request: RequestInit): Promise<Page> {
    const address = this.#addresses[this.#requests % this.#addresses.length];
    this.#requests += 1;
    const headers = { Accept: "text/html", ...this.#cookies.header };
    const answer = await fetch(`${address}${path}`, { ...request, headers, redirect: "manual" });
    this.#cookies.keep(answer);
    return {
      status: answer.status,
      text: await answer.text(),
      location: answer.headers.get("location") ?? path,
    };
  }
}
