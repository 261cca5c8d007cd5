import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { type Connection, PostgresConnections } from "../../store/postgres/connections.ts";
import type { Bell } from "../bell.ts";

const channel = "sequent_events";
/** Never more often than this. The first one goes at once. */
const betweenMs = 10;
const [shortestPause, longestPause] = [100, 10_000];

/**
 * Tells other processes that something was stored, on a connection of its own: a notification in the statement that stores would
 * cost half of the writes. Nothing depends on it, because everybody also looks by themselves.
 */
export class PostgresSignals {
  readonly #connections: PostgresConnections;
  readonly #stopping = new AbortController();
  #connection: Connection | undefined;
  #isSending = false;
  #isDue = false;
  #stopped: Promise<void> = Promise.resolve();

  constructor(knex: Knex) {
    this.#connections = new PostgresConnections(knex);
  }

  start(bell: Bell): void {
    bell.onRing = () => void this.#send();
    this.#stopped = this.#listen(bell);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#stopped;
  }

  async #listen(bell: Bell): Promise<void> {
    const { signal } = this.#stopping;
    for (let pause = shortestPause; !signal.aborted; pause = Math.min(longestPause, 2 * pause)) {
      try {
        const connection = await this.#connections.acquire();
        try {
          const { lost } = await begin(connection, bell);
          this.#connection = connection;
          pause = shortestPause;
          bell.wake(); // something may have been stored while nobody listened
          await Promise.race([lost, aborted(signal)]);
        } finally {
          this.#connection = undefined;
          connection.discard(); // it must not listen for somebody else
          connection.release();
        }
      } catch {} // the database is away
      await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Asks once more if something is stored meanwhile. */
  async #send(): Promise<void> {
    this.#isDue = true;
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#isDue && this.#connection) {
      this.#isDue = false;
      const text = { text: "select pg_notify($1, '')", values: [channel] };
      await this.#connection.query(text).catch(() => {});
      await sleep(betweenMs, undefined, { ref: false });
    }
    this.#isSending = false;
  }
}

/** Resolves to a promise that resolves when the connection is lost. */
async function begin(connection: Connection, bell: Bell): Promise<{ lost: Promise<void> }> {
  const lost = await connection.inTurn(async (client) => {
    client.on("notification", bell.wake);
    return { lost: new Promise<void>((resolve) => client.once("end", resolve)) };
  });
  await connection.query(`listen ${channel}`);
  return lost;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
