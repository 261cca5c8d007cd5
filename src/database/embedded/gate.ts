import type { Socket } from "node:net";
import { Client } from "./client.ts";
import type { Session } from "./session.ts";
import { SessionSettings } from "./settings.ts";
import { closeStatement, sync } from "./wire.ts";

/**
 * Lets many connections share PGlite's one session. A connection gets a lease with its first message and keeps it until
 * the session is outside a transaction and at the end of what was asked; the others queue, first come, first served.
 */
export class Gate {
  readonly #session: Session;
  readonly #settings: SessionSettings;
  readonly #clients = new Set<Client>();
  readonly #queue = new Set<Client>();
  readonly #onQuiet: () => void;
  #holder: Client | undefined;
  #turnPlanned = false;
  #leftStatements: string[] = [];
  #lastPid = 0;
  /** Counts what was run for clients. */
  turns = 0;

  constructor(session: Session, onQuiet: () => void) {
    this.#session = session;
    this.#settings = new SessionSettings(session);
    this.#onQuiet = onQuiet;
  }

  get size(): number {
    return this.#clients.size;
  }

  accept(socket: Socket): void {
    const shared = { session: this.#session, settings: this.#settings };
    const on = {
      ready: (client: Client) => this.#want(client),
      gone: (client: Client) => this.#leave(client),
    };
    this.#clients.add(new Client(socket, ++this.#lastPid, shared, on));
  }

  /** For work of our own between two leases; nothing is done while one lasts or somebody waits. */
  whenIdle(work: (session: Session) => void): void {
    if (this.#holder || this.#queue.size > 0) return;
    this.#settings.apply(new Map());
    work(this.#session);
  }

  /** Ends a lease whose client has been silent for too long while others wait. */
  endSilentLease(limitMs: number): void {
    const holder = this.#holder;
    if (!holder || this.#queue.size === 0 || Date.now() - holder.connection.lastActive < limitMs) return;
    holder.connection.fail("25P03", "terminating connection: idle in a transaction while others wait");
    this.#endLease(holder);
  }

  close(): void {
    for (const { connection } of this.#clients)
      connection.fail("57P01", "terminating connection: the embedded Postgres is shutting down");
    this.#queue.clear();
    if (this.#holder) this.#endLease(this.#holder);
  }

  #want(client: Client): void {
    if (client !== this.#holder) this.#queue.add(client);
    if (!this.#turnPlanned) this.#takeTurn();
  }

  #takeTurn(): void {
    this.#turnPlanned = false;
    const client = this.#holder ?? this.#nextInQueue();
    if (client?.connection.ready) this.#serve(client);
    // Between two turns the event loop reads what has arrived, so nobody overtakes who waited longer.
    if (this.#holder ? this.#holder.connection.ready : this.#queue.size > 0) this.#planTurn();
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    setImmediate(() => this.#takeTurn());
  }

  #nextInQueue(): Client | undefined {
    const [client] = this.#queue;
    if (client) this.#queue.delete(client);
    return client;
  }

  #serve(client: Client): void {
    this.#holder = client;
    this.turns++;
    const goesOn = client.takeTurn();
    if (!goesOn) this.#endLease(client);
    else if (client.isBetweenTransactions) {
      this.#release(client);
      if (client.connection.ready) this.#queue.add(client);
    }
  }

  #endLease(client: Client): void {
    client.rollBack();
    this.#release(client);
    if (this.#queue.size > 0) this.#planTurn();
  }

  #release(client: Client): void {
    client.rememberSettings();
    this.#holder = undefined;
    this.#closeLeftStatements();
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    this.#queue.delete(client);
    this.#leftStatements.push(...client.statementNames);
    if (client === this.#holder) this.#endLease(client);
    if (!this.#holder) this.#closeLeftStatements();
    if (client.hasTemporaryTables && ![...this.#clients].some((other) => other.hasTemporaryTables))
      this.whenIdle((session) => session.query("DISCARD TEMP"));
    if (this.size === 0) this.#onQuiet();
  }

  /** Only between leases: in another's transaction that failed, even this would fail. */
  #closeLeftStatements(): void {
    if (this.#leftStatements.length === 0) return;
    this.#session.run(Buffer.concat([...this.#leftStatements.map(closeStatement), sync]));
    this.#leftStatements = [];
  }
}
