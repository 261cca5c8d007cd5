import { ConcurrentChange, TransactionEnded } from "../../errors/store-errors.ts";
import type { EventTypes } from "../../messages/event-types.ts";
import type { RowChange, Rows, Values } from "../../projections/row-change.ts";
import type { Table } from "../../projections/table.ts";
import type { UnitOfWork } from "../event-store.ts";
import type { Connection, PostgresConnections, Statement } from "./connections.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { SeenViews } from "./live-views.ts";
import { rowQuery, viewSchema } from "./row-sql.ts";
import { storeError } from "./store-error.ts";
import { storeStatement, writeStatement } from "./store-statement.ts";

/** Opens a transaction only where something is read or written before the end. */
export class PostgresTransaction implements Rows {
  readonly #connections: PostgresConnections;
  #connection: Promise<Connection> | undefined;
  #ended = false;
  #missedRow = false;
  readonly #groupCommit: GroupCommit;
  readonly #eventTypes: EventTypes;
  readonly #views: SeenViews | undefined;

  constructor(
    connections: PostgresConnections,
    groupCommit: GroupCommit,
    eventTypes: EventTypes,
    views: SeenViews | undefined,
  ) {
    this.#connections = connections;
    this.#groupCommit = groupCommit;
    this.#eventTypes = eventTypes;
    this.#views = views;
  }

  async readRow(table: Table, where: Values): Promise<Values | undefined> {
    const { rows } = await this.#query<Values>(rowQuery(table, where));
    this.#missedRow ||= rows.length === 0;
    return rows[0];
  }

  async write(changes: readonly RowChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#query(writeStatement(changes), { rowChanges: changes });
  }

  async commit(unit: UnitOfWork): Promise<void> {
    this.#ended = true;
    this.#checkListed(unit);
    try {
      const opened = await this.#connection;
      if (opened) await this.#commitTransaction(opened, storeStatement(unit, this.#views));
      else await this.#groupCommit.store(unit, this.#views);
    } catch (error) {
      throw this.#errorOf(error, unit);
    }
  }

  async dryRun(unit: UnitOfWork): Promise<void> {
    this.#checkListed(unit);
    await this.#query(storeStatement(unit, this.#views), unit);
    await this.rollback();
  }

  async rollback(): Promise<void> {
    this.#ended = true;
    const connection = await this.#connection?.catch(() => undefined); // it was not opened
    if (!connection) return;
    await connection.query("rollback").catch(() => connection.discard());
    this.#close(connection);
  }

  /** A transaction in which something failed answers COMMIT with ROLLBACK and no error, so the answer is read. */
  async #commitTransaction(connection: Connection, statement: Statement): Promise<void> {
    await connection.query(statement);
    const { command } = await connection.query("commit");
    if (command !== "COMMIT")
      throw new TypeError(`The transaction ended in ${command}: an error in it was not passed on.`);
    this.#close(connection);
  }

  #checkListed({ commands }: UnitOfWork): void {
    for (const { events } of commands) for (const event of events) this.#eventTypes.checkListed(event);
  }

  async #query<Row>(statement: Statement, unit: Partial<UnitOfWork> = {}) {
    if (this.#ended) throw new TransactionEnded();
    this.#connection ??= this.#open();
    try {
      return await (await this.#connection).query<Row>(statement);
    } catch (error) {
      throw this.#errorOf(error, unit);
    }
  }

  /** A row that was not there to be locked may have been made by somebody else since: then all of it is run again. */
  #errorOf(error: unknown, unit: Partial<UnitOfWork>): unknown {
    const { code, schema } = error as { code?: string; schema?: string };
    const madeByAnother = this.#missedRow && code === "23505" && schema === viewSchema;
    const failure = storeError(error, unit);
    return madeByAnother ? new ConcurrentChange([], { cause: failure }) : failure;
  }

  async #open(): Promise<Connection> {
    const connection = await this.#connections.acquire();
    try {
      await connection.query("begin");
      return connection;
    } catch (error) {
      connection.discard();
      connection.release();
      throw error;
    }
  }

  #close(connection: Connection): void {
    connection.release();
    this.#connection = undefined;
  }
}
