import type { Knex } from "knex";
import type { ClientBase } from "pg";
import { discard, isBroken, PostgresConnections } from "../store/postgres/connections.ts";

/** Lends connections of `pg` itself, for COPY goes past Knex. One that broke is not given back. */
export async function withConnections<Result>(
  knex: Knex,
  count: number,
  work: (...connections: ClientBase[]) => Promise<Result>,
): Promise<Result> {
  const connections = new PostgresConnections(knex);
  const lent = await Promise.all(Array.from({ length: count }, () => connections.acquire()));
  try {
    return await work(...(lent as unknown as ClientBase[]));
  } catch (error) {
    if (isBroken(error)) for (const connection of lent) discard(connection, error);
    throw error;
  } finally {
    for (const connection of lent) connections.release(connection);
  }
}
