import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "#sequent/operations";
import { Cookies } from "./cookies.ts";

const mostTries = 300;

/** One round of a visitor. Returns what it has written. */
export type Round = (visitor: Visitor) => Promise<string>;

/**
 * Somebody who writes over HTTP and reads the result, until `stop`. A form without success is sent again with the same command
 * id, so it has one effect.
 */
export class Visitor {
  /** What was written, one for each round. */
  readonly written: string[] = [];
  /** Why forms were sent again: a status, or "cut". */
  readonly repeated: (number | "cut")[] = [];
  readonly #address: () => string;
  readonly #cookies = new Cookies();
  readonly #done: Promise<void>;
  #account: Promise<string> | undefined;
  #stopped = false;

  /** The server may have another address after a new start. */
  constructor(address: () => string, round: Round) {
    this.#address = address;
    this.#done = this.#write(round);
    this.#done.catch(() => {}); // whoever stops it gets the error
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** The page of their account. They sign up when it is first asked for. */
  account(): Promise<string> {
    this.#account ??= this.send("/authors", { name: "Ben", email: `${newId()}@example.com` });
    return this.#account;
  }

  /** Sends a form. Returns the path that it leads to. */
  async send(path: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams({ ...fields, commandId: newId() });
    const answer = await this.ask(path, { method: "POST", body, redirect: "manual" });
    return answer.headers.get("location") ?? "";
  }

  async ask(path: string, request: RequestInit = {}): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const headers = { ...request.headers, ...this.#cookies.header };
      const answer = await fetch(`${this.#address()}${path}`, { ...request, headers }).catch(() => undefined);
      await answer?.text().catch(() => {});
      if (answer) this.#cookies.keep(answer);
      if (answer && answer.status < 400) return answer;
      this.repeated.push(answer?.status ?? "cut");
      if (tries === mostTries) throw new Error(`${path} is answered with ${answer?.status} all the time`);
      await sleep(50);
    }
  }

  async #write(round: Round): Promise<void> {
    while (!this.#stopped) {
      this.written.push(await round(this));
      await sleep(20);
    }
  }
}

/** Writes a post, edits and publishes it. */
export const posting: Round = async (visitor) => {
  const path = await visitor.send(`${await visitor.account()}/posts`, { title: "One", content: "Text" });
  await visitor.send(path, { title: "Two", content: "Text" });
  await visitor.ask(path);
  await visitor.send(`${path}/publication`, {});
  await visitor.ask("/");
  return path;
};

/** Places an order, changes and ships it. */
export const ordering =
  (customerAggregateId: string): Round =>
  async (visitor) => {
    const aggregateId = newId();
    const send = (command: string, values: object) => {
      const body = JSON.stringify({ ...values, aggregateId, commandId: newId() });
      const headers = { "content-type": "application/json" };
      return visitor.ask(`/${command}`, { method: "POST", body, headers });
    };
    await send("PlaceOrder", { customerAggregateId, address: "One", note: "Text" });
    await send("ChangeOrder", { address: "Two", note: "Text" });
    await visitor.ask(`/orders/${aggregateId}`);
    await send("ShipOrder", { shippingDate: "2026-11-20" });
    await visitor.ask("/");
    return aggregateId;
  };
