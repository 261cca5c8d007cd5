import pg from "pg";
import type { Cleanup } from "../harness/cleanup.ts";
import type { Sent } from "../harness/sent-statements.ts";
import { connections } from "../harness/store.ts";

export type BarePg = (lane: number, statements: readonly Sent[]) => Promise<pg.QueryResult | undefined>;

/** `pg` alone, with a connection for each lane and prepared statements. */
export async function barePg(connection: pg.ClientConfig, cleanup: Cleanup): Promise<BarePg> {
  const clients = Array.from({ length: connections }, () => new pg.Client(connection));
  for (const client of clients) client.on("error", () => {});
  cleanup.defer(() => Promise.all(clients.map((client) => client.end())));
  await Promise.all(clients.map((client) => client.connect()));
  return async (lane, statements) => {
    let result: pg.QueryResult | undefined;
    for (const { values, ...statement } of statements) {
      result = await clients[lane]?.query({ ...statement, values: [...values] });
    }
    return result;
  };
}
