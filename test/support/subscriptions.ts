import { afterEach } from "vitest";
import type { Subscription } from "#sequent";
import { newId, RecordedLog } from "#sequent/operations";
import type { Database } from "../../src/database/database.ts";
import { createShop, eventTypes, type Shop } from "../fixtures/shop/shop.ts";
import { customer } from "./shop.ts";
import { until } from "./until.ts";

type Parts = Partial<Parameters<typeof createShop>[0]>;

/** Shops whose subscriptions run until the end of a test. */
export function useSubscriptions(context: { readonly database: Database; readonly shop: Shop }) {
  const running: Shop[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ subscriptions }) => subscriptions.stop()));
  });
  return {
    start(subscription: Subscription, parts: Parts = {}): Shop {
      const shop = createShop({ ...context.database, subscriptions: [subscription], ...parts });
      running.push(shop);
      shop.subscriptions.start();
      return shop;
    },
    async addCustomer(name = "Ben", aggregateId = newId()): Promise<string> {
      const command = customer({ aggregateId, name, email: `${newId()}@example.com` });
      await context.shop.commandService.executeCommands(command);
      return aggregateId;
    },
  };
}

/** Waits until all events are before "now": an older transaction, also of another database of the server, holds "now" back. */
export async function settled({ read }: Database): Promise<void> {
  await until(async () => !(await new RecordedLog(read, eventTypes).isHeldBack()), 15_000);
}

/** The only subscription, as it is stored. */
export async function standing({ read }: Database): Promise<Standing | undefined> {
  const { rows } = await read.raw(
    "select *, concat_ws(':', epoch, xact_id, position) as place from sequent_schema.subscriptions",
  );
  return rows[0];
}

interface Standing {
  readonly place: string;
  readonly fence: string;
  readonly owner: string | null;
  readonly paused: string | null;
}

export async function parked({ read }: Database): Promise<Parked[]> {
  return (await read.raw("select * from sequent_schema.parked_aggregates order by aggregate_id")).rows;
}

interface Parked {
  readonly aggregate_id: string;
  readonly next_number: number;
  readonly attempts: number;
  readonly retry_at: Date | null;
  readonly error: string;
}
