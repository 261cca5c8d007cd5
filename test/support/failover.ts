import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { onTestFinished } from "vitest";
import { AggregateNotFound, type BaseCommand } from "#sequent";
import { newId, StoreUnavailable } from "#sequent/operations";
import { connect, type Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { ShipOrder } from "../fixtures/shop/order/commands.ts";
import { eventTypes, projectors, type Shop } from "../fixtures/shop/shop.ts";
import { OwnServer } from "./own-server.ts";
import { DatabaseProxy } from "./proxy.ts";
import { customer, orderOf } from "./shop.ts";
import { until } from "./until.ts";

/** A primary with two streaming replicas, behind an address that leads to the primary. */
export class Servers {
  readonly #proxy: DatabaseProxy;
  #primary: OwnServer;
  #replicas: readonly OwnServer[];

  private constructor(proxy: DatabaseProxy, primary: OwnServer, replicas: readonly OwnServer[]) {
    this.#proxy = proxy;
    this.#primary = primary;
    this.#replicas = replicas;
  }

  static async start(): Promise<Servers> {
    const primary = await OwnServer.start();
    const replicas = [await primary.replica({ name: "one" }), await primary.replica({ name: "two" })];
    const proxy = await DatabaseProxy.to(primary.url);
    onTestFinished(() => proxy.close());
    return new Servers(proxy, primary, replicas);
  }

  /** A migrated database, wherever the primary is. */
  async connect(): Promise<Database> {
    const databaseUrl = this.url;
    const settings = { databaseUrl, readDatabaseUrl: undefined, databasePool: 10, dataDirectory: "" };
    const database = await connect(settings);
    onTestFinished(() => database.close());
    await migrate(database.patient, { projectors, eventTypes });
    return database;
  }

  get url(): string {
    return this.#proxy.url(this.#primary.url);
  }

  /** From now on, nobody hears of a commit before it is on the disk of a replica. */
  async confirmByReplica(): Promise<void> {
    const synchronous = "select from pg_stat_replication where sync_state = 'quorum'";
    await this.#primary.set("synchronous_standby_names", "ANY 1 (one, two)");
    await until(async () => (await ask(this.#primary, synchronous)).length === 2);
  }

  /** From now on, nothing reaches the replicas. */
  async cutOff(): Promise<void> {
    for (const replica of this.#replicas) await replica.follow(undefined);
    await until(async () => (await ask(this.#primary, "select from pg_stat_replication")).length === 0);
  }

  /** The primary ends as when its machine does. The replica that has received more takes its place. The other follows it. */
  async failOver(): Promise<void> {
    await this.#primary.kill();
    const [one, two] = this.#replicas as [OwnServer, OwnServer];
    const [next, other] = (await received(one)) >= (await received(two)) ? [one, two] : [two, one];
    await next.promote();
    await other.follow(next);
    this.#proxy.lead(next.url);
    [this.#primary, this.#replicas] = [next, [other]];
  }

  /** Waits until each replica shows all events of the primary. */
  async areSame(): Promise<void> {
    const events = async (server: OwnServer) =>
      (await ask(server, "select count(*) from sequent_schema.events"))[0]?.["count"];
    const all = await events(this.#primary);
    for (const replica of this.#replicas) await until(async () => (await events(replica)) === all, 20_000);
  }
}

/** How much of the write-ahead log a replica has. */
async function received(replica: OwnServer): Promise<bigint> {
  const [row] = await ask(replica, "select pg_last_wal_receive_lsn() - '0/0' as bytes");
  return BigInt(String(row?.["bytes"]));
}

async function ask({ url }: OwnServer, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** People who write until `stop`, and a ledger of what was acknowledged, outside of the database. */
export class Writers {
  /** The ids of the commands. */
  readonly acknowledged: string[] = [];
  readonly #shop: Shop;
  readonly #done: Promise<unknown>;
  #goesOn = true;

  constructor(shop: Shop) {
    this.#shop = shop;
    this.#done = Promise.all([1, 2, 3, 4].map(() => this.#write()));
  }

  async more(count: number): Promise<void> {
    const enough = this.acknowledged.length + count;
    await until(() => this.acknowledged.length >= enough, 30_000);
  }

  async stop(): Promise<void> {
    this.#goesOn = false;
    await this.#done;
  }

  async #write(): Promise<void> {
    while (this.#goesOn) {
      const ben = customer({ email: `${newId()}@example.com` });
      const order = orderOf(ben.aggregateId);
      const shipped = new ShipOrder({ aggregateId: order.aggregateId, shippingDate: "2026-11-20" });
      for (const command of [ben, order, shipped]) if (!(await this.#insist(command))) break;
    }
  }

  /** Sends a command again until it is acknowledged. False if an earlier one was lost, so it can never be. */
  async #insist(command: BaseCommand): Promise<boolean> {
    for (;;) {
      try {
        await this.#shop.commandService.executeCommands(command);
        this.acknowledged.push(command.commandId);
        return true;
      } catch (error) {
        if (error instanceof AggregateNotFound) return false;
        if (!(error instanceof StoreUnavailable)) throw error;
        await sleep(20);
      }
    }
  }
}
