/** The cookies of a browser. */
export class Cookies {
  readonly #values = new Map<string, string>();

  /** The header of the next request. Empty if there is none. */
  get header(): { readonly cookie?: string } {
    const cookie = [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ");
    return cookie === "" ? {} : { cookie };
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** Takes over what an answer sets and clears. */
  keep(answer: Response): void {
    for (const header of answer.headers.getSetCookie()) this.#keep(header);
  }

  #keep(header: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
    if (value === "" || /expires=Thu, 01 Jan 1970/i.test(header)) this.#values.delete(name);
    else this.#values.set(name, value);
  }
}
