import type { Knex } from "knex";
import { type Connection, isBroken, PostgresConnections } from "../store/postgres/connections.ts";

/** Lends a connection for COPY, which Knex does not have. One that broke is not given back. */
export async function withConnection<Result>(
  knex: Knex,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connections = new PostgresConnections(knex);
  const connection = await connections.acquire();
  try {
    return await work(connection);
  } catch (error) {
    if (isBroken(error)) connection.discard();
    throw error;
  } finally {
    connection.release();
  }
}
