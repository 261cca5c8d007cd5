import { pipeline } from "node:stream/promises";
import { from } from "pg-copy-streams";
import type { BulkRows } from "../projections/bulk-persistor.ts";
import type { RowChange, Values } from "../projections/row-change.ts";
import type { Table } from "../projections/table.ts";
import type { Connection } from "../store/postgres/connections.ts";
import { quoted } from "../store/postgres/row-sql.ts";
import { ViewRows } from "../store/postgres/view-rows.ts";
import { copyText } from "./copy-text.ts";
import { ReplayLost } from "./errors.ts";

/** Writes rows of views in any schema, many at a time. It opens a transaction with the first row. */
export class ViewWriter implements BulkRows {
  readonly #connection: Connection;
  readonly #schema: string;
  readonly #rows: ViewRows;
  readonly #words: typeof transaction;
  readonly #owner: string | undefined;
  #opened = false;

  private constructor(connection: Connection, schema: string, words: typeof transaction, owner?: string) {
    this.#connection = connection;
    this.#schema = schema;
    this.#rows = new ViewRows(async () => {
      await this.#open();
      return connection;
    }, schema);
    this.#words = words;
    this.#owner = owner;
  }

  /** The sessions of a replay have the name of its owner. They write only while it is the owner: see Ownership. */
  static open(connection: Connection, schema: string, owner?: string): ViewWriter {
    return new ViewWriter(connection, schema, transaction, owner);
  }

  /** Inside a transaction of the caller. Its own transactions are savepoints. */
  static inTransaction(connection: Connection, schema: string): ViewWriter {
    return new ViewWriter(connection, schema, savepoint);
  }

  async insert(table: Table, rows: Iterable<Values>): Promise<void> {
    await this.#open();
    const names = Object.keys(table.columns).map(quoted).join(", ");
    const target = `${this.#schema}.${quoted(table.name)}`;
    const copy = `copy ${target} (${names}) from stdin`;
    await this.#connection.inTurn((client) => pipeline(copyText(rows, table), client.query(from(copy))));
  }

  write(changes: readonly RowChange[]): Promise<void> {
    return this.#rows.write(changes);
  }

  readRow(table: Table, where: Values): Promise<Values | undefined> {
    return this.#rows.readRow(table, where);
  }

  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    await this.#open();
    return this.#ask(text, values);
  }

  commit(): Promise<void> {
    return this.#end(this.#words.commit);
  }

  rollback(): Promise<void> {
    return this.#end(this.#words.rollback);
  }

  async #open(): Promise<void> {
    if (this.#opened) return;
    this.#opened = true;
    await this.#ask(this.#words.begin);
    if (this.#owner === undefined) return;
    await this.#ask("select set_config('application_name', $1, true)", [writerName(this.#owner)]);
    const owned = await this.#ask("select from sequent_schema.replays where owner = $1", [this.#owner]);
    if (owned.length === 0) throw new ReplayLost();
  }

  async #end(words: string): Promise<void> {
    if (this.#opened) await this.#ask(words);
    this.#opened = false;
  }

  async #ask<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#connection.query<Row>({ text, values, isPrepared: false })).rows;
  }
}

/** The name in pg_stat_activity of the sessions that write for a replay. */
export const writerName = (owner: string) => `sequent-blog replay ${owner}`;

/** A crash of the server may lose the last rows, but then it loses the note of their progress, too. */
const transaction = {
  begin: "begin; set local synchronous_commit = off",
  commit: "commit",
  rollback: "rollback",
};

const savepoint = {
  begin: "savepoint rows",
  commit: "release savepoint rows",
  rollback: "rollback to savepoint rows; release savepoint rows",
};
