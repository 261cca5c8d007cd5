import type { Knex } from "knex";
import pg from "pg";
import { StoreUnavailable } from "../../errors/store-errors.ts";
import { named, type Statement } from "./statement.ts";
import { storeError } from "./store-error.ts";

export interface Connection {
  query(statement: Statement | string): Promise<{ rows: unknown[]; command: string }>;
}

/** A connection in Knex's pool; the mark tells the pool to throw it away instead of lending it again. */
interface PooledConnection extends Connection {
  __knex__disposed?: unknown;
  connection?: { stream?: { destroy(): void } };
}

/** Statements on connections of Knex's pool, without Knex's builder: it costs more than they do. */
export class PostgresConnections {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** The rows that a prepared statement gives. */
  async all<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const ask = (statement: Statement) => this.use((connection) => connection.query(statement));
    try {
      const { rows } = await ask(named(text, values)).catch((error) => {
        if (error?.code !== "0A000") throw error;
        return ask({ name: "", text, values }); // it was prepared for a table that was replaced since
      });
      return rows as Row[];
    } catch (error) {
      throw storeError(error);
    }
  }

  async first<Row>(text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    const [row] = await this.all<Row>(text, values);
    return row;
  }

  /** Runs one statement, or several where the work needs one connection for them. */
  async use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = await this.acquire();
    try {
      return await work(connection);
    } catch (error) {
      if (isBroken(error)) discard(connection, error);
      throw error;
    } finally {
      this.release(connection);
    }
  }

  /** Several statements that happen together or, where one fails, not at all. */
  transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.use(async (connection) => {
      try {
        await connection.query("begin");
        const result = await work(connection);
        await connection.query("commit");
        return result;
      } catch (error) {
        discard(connection, error); // its end is a rollback
        throw error;
      }
    });
  }

  async acquire(): Promise<Connection> {
    try {
      return (await this.#knex.client.acquireConnection()) as Connection;
    } catch (error) {
      throw new StoreUnavailable(false, { cause: error });
    }
  }

  release(connection: Connection): void {
    void this.#knex.client.releaseConnection(connection);
  }
}

/**
 * What is not an answer of the server is a connection that was cut, or whose answer did not come in time. It must
 * not be used again: what comes back next may be the answer to what was asked before. Nor must one that the server
 * ends, or that leads to what is not the primary any more, or keeps a prepared statement whose columns have got other
 * types since (0A000).
 */
export function isBroken(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(57P|25P0[34]|25006|0A000)/.test(error.code ?? "");
}

export function discard(connection: Connection, error: unknown): void {
  const pooled = connection as PooledConnection;
  pooled.__knex__disposed = error;
  pooled.connection?.stream?.destroy();
}
