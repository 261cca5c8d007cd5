import type { Knex } from "knex";
import type { Message, Place } from "../brokers/broker.ts";
import type { CloudEvent } from "../brokers/cloud-event.ts";

/** An event that could not be handled, or that waits behind one of the same aggregate. */
export interface ParkedEvent {
  readonly event: CloudEvent;
  readonly attempts: number;
  readonly error: string;
}

/** Another process has gone on from the same place. Nothing of this was stored. */
export class PlaceTaken extends Error {}

const [places, inbox, parked] = ["consumer_places", "consumer_inbox", "consumer_parked"];

/**
 * What a consumer keeps in its own database: how far it has read, the last event of each aggregate, and what is parked. It is stored
 * together with what the handlers store, so each event has its effect once.
 */
export class Inbox {
  readonly #knex: Knex;
  readonly #name: string;

  constructor(knex: Knex, name: string) {
    this.#knex = knex;
    this.#name = name;
  }

  /** Makes the tables, if they are not there yet. */
  async prepare(): Promise<void> {
    const make = async (table: string, columns: (table: Knex.CreateTableBuilder) => void) => {
      const isThere = () => this.#knex.schema.hasTable(table);
      if (await isThere()) return;
      await this.#knex.schema.createTable(table, columns).catch(async (error) => {
        if (!(await isThere())) throw error; // otherwise another process was faster
      });
    };
    await make(places, (table) => {
      table.text("name").primary();
      table.text("position").notNullable();
      table.text("event_id").notNullable();
    });
    await make(inbox, (table) => {
      table.text("name");
      table.text("aggregate_id");
      table.integer("sequence_number").notNullable();
      table.primary(["name", "aggregate_id"]);
    });
    await make(parked, (table) => {
      table.text("name");
      table.text("aggregate_id");
      table.integer("sequence_number");
      table.text("event").notNullable();
      table.integer("attempts").notNullable();
      table.bigInteger("retry_at"); // milliseconds; null if a person has to decide
      table.text("error").notNullable();
      table.primary(["name", "aggregate_id", "sequence_number"]);
    });
  }

  async place(): Promise<Place | undefined> {
    const row = await this.#knex(places).where({ name: this.#name }).first();
    return row && { position: row.position, eventId: row.event_id };
  }

  /** Notes how far it has read. Throws `PlaceTaken` if that is not where it began. */
  async advance(trx: Knex.Transaction, from: Place | undefined, { position, event }: Message): Promise<void> {
    const row = { position, event_id: event.id };
    const changed = from
      ? await trx(places).where({ name: this.#name, position: from.position }).update(row)
      : (
          await trx(places)
            .insert({ name: this.#name, ...row })
            .onConflict("name")
            .ignore()
            .returning("name")
        ).length;
    if (changed === 0) throw new PlaceTaken(`Another process works for the consumer ${this.#name}.`);
  }

  /** The events that are new, without repetitions. */
  async newOnes(trx: Knex.Transaction, events: readonly CloudEvent[]): Promise<CloudEvent[]> {
    const ids = [...new Set(events.map(({ subject }) => subject))];
    const rows = await trx(inbox).where({ name: this.#name }).whereIn("aggregate_id", ids);
    const last = new Map<string, number>(rows.map((row) => [row.aggregate_id, row.sequence_number]));
    return events.filter(({ subject, aggregatesequence }) => {
      if (aggregatesequence <= (last.get(subject) ?? 0)) return false;
      last.set(subject, aggregatesequence);
      return true;
    });
  }

  async take(trx: Knex.Transaction, events: readonly CloudEvent[]): Promise<void> {
    const last = new Map(events.map(({ subject, aggregatesequence }) => [subject, aggregatesequence]));
    const rows = [...last].map(([aggregate_id, sequence_number]) => ({
      name: this.#name,
      aggregate_id,
      sequence_number,
    }));
    if (rows.length > 0) await trx(inbox).insert(rows).onConflict(["name", "aggregate_id"]).merge();
  }

  /** Those of these aggregates whose events wait. */
  async waiting(trx: Knex.Transaction, events: readonly CloudEvent[]): Promise<Set<string>> {
    const ids = events.map(({ subject }) => subject);
    return new Set(
      await trx(parked).where({ name: this.#name }).whereIn("aggregate_id", ids).pluck("aggregate_id"),
    );
  }

  async park(trx: Knex.Transaction, event: CloudEvent, error: string, retryAt: number | null): Promise<void> {
    await trx(parked).insert({
      ...this.#keyOf(event),
      event: JSON.stringify(event),
      attempts: 0,
      retry_at: retryAt,
      error,
    });
  }

  /** The first event of each parked aggregate, if it is due. */
  async due(now: number): Promise<ParkedEvent[]> {
    const first = this.#knex(parked)
      .where({ name: this.#name })
      .groupBy("aggregate_id")
      .select("aggregate_id");
    const firsts = first.min({ number: "sequence_number" }).as("first");
    const rows = await this.#knex(parked)
      .join(firsts, (on) =>
        on.on("first.aggregate_id", `${parked}.aggregate_id`).on("number", "sequence_number"),
      )
      .where({ name: this.#name })
      .where("retry_at", "<=", now)
      .limit(100)
      .select(`${parked}.*`);
    return rows.map(toParked);
  }

  async parked(): Promise<ParkedEvent[]> {
    const rows = await this.#knex(parked)
      .where({ name: this.#name })
      .orderBy(["aggregate_id", "sequence_number"]);
    return rows.map(toParked);
  }

  async fail({ event, attempts }: ParkedEvent, error: string, retryAt: number | null): Promise<void> {
    await this.#knex(parked)
      .where(this.#keyOf(event))
      .update({ attempts: attempts + 1, retry_at: retryAt, error });
  }

  /** False if another process was faster. */
  async unpark(trx: Knex.Transaction, event: CloudEvent): Promise<boolean> {
    return (await trx(parked).where(this.#keyOf(event)).delete()) === 1;
  }

  /** All parked events of an aggregate, or of all, are due now. */
  async retry(aggregateId?: string): Promise<void> {
    const which = { name: this.#name, ...(aggregateId === undefined ? {} : { aggregate_id: aggregateId }) };
    await this.#knex(parked).where(which).update({ retry_at: 0 });
  }

  #keyOf({ subject, aggregatesequence }: CloudEvent) {
    return { name: this.#name, aggregate_id: subject, sequence_number: aggregatesequence };
  }
}

function toParked({
  event,
  attempts,
  error,
}: {
  event: string;
  attempts: number;
  error: string;
}): ParkedEvent {
  return { event: JSON.parse(event), attempts, error };
}
