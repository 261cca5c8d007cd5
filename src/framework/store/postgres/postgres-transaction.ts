import pg from "pg";
import { ConcurrentChange, TransactionEnded } from "../../errors/store-errors.ts";
import { ProjectorFailed } from "../../projections/projector-failed.ts";
import type { RowChange, Rows, Values } from "../../projections/row-change.ts";
import type { Table } from "../../projections/table.ts";
import type { UnitOfWork } from "../event-store.ts";
import type { Connection, PostgresConnections } from "./connections.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { SeenViews } from "./live-views.ts";
import { viewSchema } from "./row-sql.ts";
import { storeError } from "./store-error.ts";
import { storeStatement } from "./store-statement.ts";
import { ViewRows } from "./view-rows.ts";

/** Opens a transaction only if rows are read or written before the end. */
export class PostgresTransaction implements Rows {
  readonly #connections: PostgresConnections;
  readonly #groupCommit: GroupCommit;
  readonly #views: SeenViews | undefined;
  readonly #rows = new ViewRows(() => this.#opened());
  #connection: Promise<Connection> | undefined;
  #ended = false;
  #missedRow = false;

  constructor(connections: PostgresConnections, groupCommit: GroupCommit, views: SeenViews | undefined) {
    this.#connections = connections;
    this.#groupCommit = groupCommit;
    this.#views = views;
  }

  async readRow(table: Table, where: Values): Promise<Values | undefined> {
    const row = await this.#rows.readRow(table, where);
    this.#missedRow ||= row === undefined;
    return row;
  }

  async write(changes: readonly RowChange[]): Promise<void> {
    await this.#rows.write(changes).catch((error) => {
      throw this.#orConcurrentChange(error);
    });
  }

  async commit(unit: UnitOfWork): Promise<void> {
    this.#ended = true;
    try {
      const connection = await this.#connection;
      if (!connection) return await this.#groupCommit.store(unit, this.#views);
      await connection.query(storeStatement(unit, { views: this.#views }));
      // If a statement of the transaction has failed, Postgres answers COMMIT with ROLLBACK, without an error.
      const { command } = await connection.query("commit");
      if (command !== "COMMIT")
        throw new TypeError(`The transaction ended in ${command}, because an error in it was ignored.`);
      this.#close(connection);
    } catch (error) {
      throw this.#orConcurrentChange(storeError(error, unit));
    }
  }

  /** Does everything that `commit` does, and then undoes it. */
  async dryRun(unit: UnitOfWork): Promise<void> {
    const connection = await this.#opened();
    await connection.query(storeStatement(unit, { views: this.#views })).catch((error) => {
      throw this.#orConcurrentChange(storeError(error, unit));
    });
    await this.rollback();
  }

  async rollback(): Promise<void> {
    this.#ended = true;
    const connection = await this.#connection?.catch(() => undefined); // it could not be opened
    if (!connection) return;
    await connection.query("rollback").catch(() => connection.discard());
    this.#close(connection);
  }

  async #opened(): Promise<Connection> {
    if (this.#ended) throw new TransactionEnded();
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const connection = await this.#connections.acquire();
    try {
      await connection.query("begin");
      return connection;
    } catch (error) {
      connection.discard();
      connection.release();
      throw storeError(error);
    }
  }

  #close(connection: Connection): void {
    connection.release();
    this.#connection = undefined;
  }

  /** If another unit has made a row that this unit did not find and could not lock, this unit runs again. */
  #orConcurrentChange(error: unknown): unknown {
    const cause = error instanceof ProjectorFailed ? error.cause : error;
    const isTaken =
      cause instanceof pg.DatabaseError && cause.code === "23505" && cause.schema === viewSchema;
    return this.#missedRow && isTaken ? new ConcurrentChange([], { cause: error }) : error;
  }
}
