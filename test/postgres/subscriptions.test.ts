import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { anyEvent, on, Subscription } from "#sequent";
import { newId, StoreUnavailable } from "#sequent/operations";
import { connect } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { CustomerAdded } from "../fixtures/shop/customer/events.ts";
import { createShop, eventTypes, projectors } from "../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../support/database.ts";
import { beginToStore, storeSlowly } from "../support/late-commits.ts";
import { OwnServer } from "../support/own-server.ts";
import { rounds } from "../support/rounds.ts";
import { customer, useShop } from "../support/shop.ts";
import { standing, useSubscriptions } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

const context = useShop({ databasePool: 20 });
const { start, addCustomer } = useSubscriptions(context);
const raw = (sql: string) => context.database.write.raw(sql);

/** Far longer than a test: whoever does not hear of an event does not find it. */
const neverPolling = { pollMs: 600_000 };

class Customers extends Subscription("Customers", { from: "beginning" }) {
  readonly seen: string[] = [];
  readonly handlers = [on(CustomerAdded, ({ aggregateId }) => void this.seen.push(aggregateId))];
}

class CustomersFromNow extends Subscription("CustomersFromNow", { from: "now" }) {
  readonly seen: string[] = [];
  readonly handlers = [on(CustomerAdded, ({ aggregateId }) => void this.seen.push(aggregateId))];
}

test("a transaction that commits late is not skipped, and nothing comes twice", async () => {
  const customers = new Customers();
  start(customers);
  const stored = await storeSlowly(context.database.write);
  await until(() => customers.seen.length >= stored.size, 30_000);
  expect(new Set(customers.seen)).toEqual(stored);
  expect(customers.seen).toHaveLength(stored.size);
});

test("a subscription from now gets what an older, open transaction commits later", async () => {
  const early = await beginToStore(context.database.write);
  await addCustomer();
  const customers = new CustomersFromNow();
  start(customers);
  await until(async () => (await standing(context.database))?.owner != null);
  await early.transaction.commit();
  const late = await addCustomer();
  await until(() => customers.seen.includes(late), 15_000);
  expect(customers.seen).toContain(early.id);
});

test("while a handler runs, no transaction of the subscription is open", async () => {
  let finish = () => {};
  class Slow extends Subscription("Slow", { from: "beginning" }) {
    isRunning = false;
    readonly handlers = [
      on(CustomerAdded, () => {
        this.isRunning = true;
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      }),
    ];
  }
  await addCustomer();
  const slow = new Slow();
  start(slow);
  await until(() => slow.isRunning);
  const { rows } = await raw(
    `select query from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and (backend_xid is not null or state like 'idle in transaction%')`,
  );
  finish();
  expect(rows).toEqual([]);
});

test("an event of another server's log comes, though its transaction has a lower number", async () => {
  const first = await addCustomer();
  const customers = new Customers();
  const shop = start(customers);
  await until(() => customers.seen.includes(first));
  await shop.subscriptions.stop();
  // As after a restore: the position and the events come from a server that had counted further.
  const ahead = "xact_id = (xact_id::text::bigint + 1000000000)::text::xid8";
  await raw("alter table sequent_schema.events disable trigger user");
  await raw(`update sequent_schema.events set ${ahead}`);
  await raw("alter table sequent_schema.events enable trigger user");
  await raw(`update sequent_schema.subscriptions set ${ahead}`);
  const restored = await connect(await settingsOfWorker());
  onTestFinished(() => restored.close());
  const ada = customer({ email: `${newId()}@example.com` });
  await createShop(restored).commandService.executeCommands(ada);
  const again = new Customers();
  start(again);
  await until(() => again.seen.length > 0);
  expect(again.seen).toEqual([ada.aggregateId]);
});

test("without a notification, an event is found within a second", async () => {
  const customers = new Customers();
  start(customers);
  await until(async () => (await standing(context.database))?.owner != null);
  for (let round = 0; round < 3; round += 1) {
    const id = await addCustomer(); // by a shop that tells nobody
    await until(() => customers.seen.includes(id), 1_000);
  }
});

test("another process is told of an event, also after its connection was lost", async () => {
  const customers = new Customers();
  start(customers, { subscriptionTimes: neverPolling });
  const elsewhere = createShop({ ...context.database, subscriptionsToRun: "none" });
  elsewhere.subscriptions.start();
  onTestFinished(() => elsewhere.subscriptions.stop());
  const backends = `pg_stat_activity where datname = current_database()
    and query like any (array['listen %', 'select pg_notify%'])`;
  const listening = async (): Promise<number[]> =>
    (await raw(`select pid from ${backends}`)).rows.map(({ pid }: { pid: number }) => pid);
  let ended: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    await until(async () => (await listening()).filter((pid) => !ended.includes(pid)).length === 2);
    const email = `${newId()}@example.com`;
    const [result] = await elsewhere.commandService.executeCommands(customer({ email }));
    await until(() => customers.seen.includes(result?.aggregateId ?? ""), 5_000);
    ended = await listening();
    await raw(`select pg_terminate_backend(pid) from ${backends}`);
  }
});

test("if Postgres is killed, no event is lost, and rows of a transaction are written once", {
  timeout: 60_000 + rounds * 20_000,
}, async () => {
  const server = await OwnServer.start();
  const database = await connect({
    ...{ databaseUrl: server.url, readDatabaseUrl: undefined, databasePool: 10, dataDirectory: "" },
  });
  await migrate(database.patient, { projectors, eventTypes });
  await database.write.raw("create table effects (event text not null)");
  class Effects extends Subscription("Effects", { from: "beginning", concurrency: 1 }) {
    readonly handlers = [
      on(anyEvent, (_, { id, inTransaction }) =>
        inTransaction((trx) => trx("effects").insert({ event: id })),
      ),
    ];
  }
  const customers = new Customers();
  const { commandService, subscriptions } = createShop({
    ...database,
    subscriptions: [customers, new Effects()],
    subscriptionTimes: { leaseMs: 2_000, renewMs: 500 },
  });
  subscriptions.start();

  const added = new Set<string>();
  let goesOn = true;
  const writing = (async () => {
    while (goesOn) {
      const command = customer({ email: `${newId()}@example.com` });
      for (let isStored = false; !isStored; )
        isStored = await commandService.executeCommands(command).then(
          () => true,
          (error) => {
            if (!(error instanceof StoreUnavailable)) throw error;
            return sleep(20, false);
          },
        );
      added.add(command.aggregateId);
    }
  })();
  const effects = async () => (await database.write("effects").pluck("event")) as string[];
  for (let round = 0; round < Math.max(1, rounds); round += 1) {
    const before = added.size;
    await until(() => added.size > before + 20, 30_000);
    await server.kill();
    await server.start();
  }
  goesOn = false;
  await writing;
  await until(() => [...added].every((id) => customers.seen.includes(id)), 30_000);
  await until(async () => (await effects()).length >= 3 * added.size, 30_000);
  const { rows } = await database.read.raw(
    "select concat_ws(':', aggregate_id, sequence_number) as id from sequent_schema.events",
  );
  expect((await effects()).toSorted()).toEqual(rows.map(({ id }: { id: string }) => id).toSorted());
  await subscriptions.stop();
  await database.close();
});
