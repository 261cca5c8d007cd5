import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "#sequent/operations";

const mostTries = 300;

/** One round of what a visitor does. Gives what it has written. */
export type Round = (visitor: Visitor) => Promise<string>;

/**
 * Somebody who writes over HTTP, and looks at it, until told to stop. What is not answered with success is sent again with
 * the same command id, so that it happens once.
 */
export class Visitor {
  /** What was written, one for each round. */
  readonly written: string[] = [];
  /** Why something was sent again: a status, or "cut". */
  readonly repeated: (number | "cut")[] = [];
  readonly #address: () => string;
  readonly #done: Promise<void>;
  #stopped = false;

  /** The server may have another address after it was started anew. */
  constructor(address: () => string, round: Round) {
    this.#address = address;
    this.#done = this.#write(round);
    this.#done.catch(() => {}); // heard by who stops it
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** Sends a form. Gives the path that it leads to. */
  async post(path: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams({ ...fields, commandId: newId() });
    const answer = await this.ask(path, { method: "POST", body, redirect: "manual" });
    return answer.headers.get("location") ?? "";
  }

  async ask(path: string, request?: RequestInit): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const answer = await fetch(`${this.#address()}${path}`, request).catch(() => undefined);
      await answer?.text().catch(() => {});
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
export const posting =
  (authorId: string): Round =>
  async (visitor) => {
    const path = await visitor.post(`/authors/${authorId}/posts`, { title: "One", content: "Text" });
    await visitor.post(path, { title: "Two", content: "Text" });
    await visitor.ask(path);
    await visitor.post(`${path}/publication`, {});
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
