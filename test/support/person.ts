import { newId } from "#sequent/operations";

interface Page {
  readonly status: number;
  readonly text: string;
  /** Where it leads. */
  readonly location: string;
}

/** Somebody with a browser that keeps cookies, who comes to another process with each request. */
export class Person {
  readonly #addresses: readonly string[];
  readonly #cookies = new Map<string, string>();
  #requests = 0;

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  get(path: string): Promise<Page> {
    return this.#ask(path, {});
  }

  post(path: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    const body = new URLSearchParams({ ...fields, commandId: newId() });
    return this.#ask(path, { method: "POST", body });
  }

  async #ask(path: string, request: RequestInit): Promise<Page> {
    const address = this.#addresses[this.#requests % this.#addresses.length];
    this.#requests += 1;
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { Accept: "text/html", ...(cookie && { cookie }) };
    const answer = await fetch(`${address}${path}`, { ...request, headers, redirect: "manual" });
    for (const header of answer.headers.getSetCookie()) this.#keep(header);
    return {
      status: answer.status,
      text: await answer.text(),
      location: answer.headers.get("location") ?? path,
    };
  }

  #keep(header: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
    if (value === "" || /expires=Thu, 01 Jan 1970/i.test(header)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
