import { expect, test } from "vitest";
import { buildViews, ConcurrentChange, dueProjectors, Replay, StoreUnavailable } from "#sequent/operations";
import { connect, type Database } from "../../src/database/database.ts";
import { AddCustomer } from "../fixtures/shop/customer/commands.ts";
import { ChangeOrder, PlaceOrder, ShipOrder } from "../fixtures/shop/order/commands.ts";
import { OrderAlreadyShipped } from "../fixtures/shop/order/errors.ts";
import { eventTypes } from "../fixtures/shop/shop.ts";
import { AddressProjector, Build, projectorsOf } from "../support/builds.ts";
import { countStored, settingsOfWorker } from "../support/database.ts";
import { foldedViews, storedEvents, storedViews, useShop } from "../support/shop.ts";
import { until } from "../support/until.ts";

const context = useShop();
const rounds = Number(process.env["SWITCH_ROUNDS"] ?? 5);

test("two builds write while the views of one replace those of the other, and nothing is lost", async () => {
  const databases = [
    await connect(await settingsOfWorker()),
    await connect(await settingsOfWorker()),
  ] as const;
  const { patient } = context.database;
  const customer = new AddCustomer({ name: "Ben", email: "ben@example.com" });
  let old = new Build(databases[0], projectorsOf(2));
  await build(old);
  await old.commandService.executeCommands(customer);
  let stored = 3;
  let addresses: (typeof AddressProjector)[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const projectors = [...projectorsOf(2 + round), ...addresses];
    if (round === 2) {
      addresses = [AddressProjector];
      projectors.push(...addresses);
    }
    const next = new Build(databases[round % 2] as Database, projectors);
    const writers = [old, next, old, next, old, next].map(
      (each, number) => new Writer(each, customer.aggregateId, number),
    );
    const others = writers.map((_, index) => (writers[index ^ 1] as Writer).orders);
    const writing = writers.map((writer, index) => writer.write(others[index] ?? []));

    await eachWrites(writers);
    await (round % 2 ? replay(next) : build(next));
    await eachWrites(writers);
    for (const writer of writers) writer.stopped = true;
    await Promise.all(writing);
    await next.eventStore.catchUp(projectors);

    expect(writers.flatMap(({ errors }) => errors)).toEqual([]);
    const errors = [...old.errors, ...next.errors];
    expect(errors.filter((error) => !(error instanceof StoreUnavailable))).toEqual([]); // a busy machine: it is tried again
    stored += writers.reduce((sum, { events }) => sum + events, 0);
    expect((await countStored(context.database)).events).toBe(stored);
    expect(await deferred()).toEqual([]);
    const events = await storedEvents(context.database);
    expect(await storedViews(context.database, projectors)).toEqual(await foldedViews(events, projectors));
    await old.stop();
    old = next;
  }
  await old.stop();
  await Promise.all(databases.map((database) => database.close()));

  async function replay({ projectors }: Build): Promise<void> {
    const all = new Replay({ knex: patient, projectors, eventTypes });
    await all.replay(await all.plan(await dueProjectors(patient, projectors)));
  }

  async function build({ projectors }: Build): Promise<void> {
    await patient.transaction((transaction) => buildViews(transaction, { projectors, eventTypes }));
  }
}, 300_000);

/** Until each has written a few more orders. */
async function eachWrites(writers: readonly Writer[]): Promise<void> {
  const wanted = writers.map(({ orders }) => orders.length + 3);
  await until(() => writers.every(({ orders }, index) => orders.length >= (wanted[index] ?? 0)), 60_000);
}

class Writer {
  readonly orders: string[] = [];
  readonly errors: unknown[] = [];
  events = 0;
  stopped = false;
  readonly #build: Build;
  readonly #customer: string;
  readonly #number: number;

  constructor(build: Build, customer: string, number: number) {
    this.#build = build;
    this.#customer = customer;
    this.#number = number;
  }

  /** Writes orders, and edits and publishes its own and those of another build. */
  async write(others: readonly string[]): Promise<void> {
    for (let turn = 0; !this.stopped; turn += 1) {
      const add = new PlaceOrder({
        customerAggregateId: this.#customer,
        address: `${this.#number} ${turn}`,
        note: "…",
      });
      await this.#execute(add);
      this.orders.push(add.aggregateId);
      for (const order of [add.aggregateId, ...others.slice(-2)]) {
        await this.#execute(
          new ChangeOrder({ aggregateId: order, address: `${this.#number} ${turn} edited`, note: `${turn}` }),
        );
        await this.#execute(new ShipOrder({ aggregateId: order, shippingDate: "2026-11-21" }));
      }
    }
  }

  async #execute(command: PlaceOrder | ChangeOrder | ShipOrder): Promise<void> {
    try {
      const [result] = await this.#build.commandService.executeCommands(command);
      this.events += result?.eventCount ?? 0;
    } catch (error) {
      if (error instanceof StoreUnavailable) return this.#execute(command); // which happens once, however often it is sent
      if (!(error instanceof ConcurrentChange || error instanceof OrderAlreadyShipped))
        this.errors.push(error);
    }
  }
}

async function deferred(): Promise<unknown[]> {
  return context.database.write.raw("select * from sequent_schema.deferred_events").then(({ rows }) => rows);
}
