import type { Knex } from "knex";
import type { ClientBase } from "pg";
import { discard, isBroken, PostgresConnections } from "../store/postgres/connections.ts";

/** Lends a connection of `pg` itself, because Knex has no COPY. One that broke is not given back. */
export async function withConnection<Result>(
  knex: Knex,
  work: (connection: ClientBase) => Promise<Result>,
): Promise<Result> {
  const connections = new PostgresConnections(knex);
  const connection = await connections.acquire();
  try {
    return await work(connection as unknown as ClientBase);
  } catch (error) {
    if (isBroken(error)) discard(connection, error);
    throw error;
  } finally {
    connections.release(connection);
  }
}
