import { createHash } from "node:crypto";
import type { Knex } from "knex";
import pg from "pg";
import { codeOf } from "../../errors/describe-error.ts";
import { StoreUnavailable } from "../../errors/store-errors.ts";
import { storeError } from "./store-error.ts";

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly isPrepared?: false;
}

/** A connection of Knex's pool, used without Knex's builder, because the builder costs more than the statements. */
export class Connection {
  readonly #client: pg.Client;
  readonly #names: StatementNames;
  #last = Promise.resolve();
  readonly release: () => void;

  constructor(client: pg.Client, names = new StatementNames(), release = () => {}) {
    this.#client = client;
    this.#names = names;
    this.release = release;
  }

  /** Runs a statement, which is prepared on its first use, or a text, which is not prepared. */
  async query<Row>(statement: Statement | string): Promise<{ rows: Row[]; command: string }> {
    try {
      const result = await this.inTurn((client) => client.query(this.#named(statement)));
      return result;
    } catch (error) {
      if (isBroken(error)) this.discard();
      throw error;
    }
  }

  /** Lends the client, such as for COPY. It does one thing after the other. (Awaited, so stack traces lead to the caller.) */
  async inTurn<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const before = this.#last;
    let end = () => {};
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await before;
      return await work(this.#client);
    } finally {
      end();
    }
  }

  /** Ends the connection, and with it its transaction. The pool does not lend it again. */
  discard(): void {
    this.#client.end().catch(() => {});
  }

  #named(statement: Statement | string): pg.QueryConfig | string {
    if (typeof statement === "string") return statement;
    const { text, values, isPrepared } = statement;
    return { name: isPrepared === false ? "" : this.#names.of(text), text, values: [...values] };
  }
}

class StatementNames {
  readonly #names = new Map<string, string>();
  /** Each statement costs memory on every connection, and large units have more and more different texts. */
  readonly #most = 1_000;

  /** Derived from the text, because each name belongs to one text. Empty if too many are prepared. */
  of(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      if (this.#names.size >= this.#most) return "";
      name = `sequent_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

export class PostgresConnections {
  readonly #knex: Knex;
  readonly #names = new StatementNames();

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async all<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const statement = { text, values };
    try {
      const { rows } = await this.use((connection) => connection.query<Row>(statement)).catch((error) => {
        if (codeOf(error) !== "0A000") throw error;
        // It was prepared for a table that has been replaced since, perhaps on other connections, too.
        return this.use((connection) => connection.query<Row>({ ...statement, isPrepared: false }));
      });
      return rows;
    } catch (error) {
      throw storeError(error);
    }
  }

  async first<Row>(text: string, values: readonly unknown[] = []): Promise<Row | undefined> {
    const [row] = await this.all<Row>(text, values);
    return row;
  }

  async use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = await this.acquire();
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }

  /** Runs several statements in one transaction: if one fails, none has an effect. */
  transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.use(async (connection) => {
      try {
        await connection.query("begin");
        const result = await work(connection);
        await connection.query("commit");
        return result;
      } catch (error) {
        connection.discard();
        throw error;
      }
    });
  }

  async acquire(): Promise<Connection> {
    const { client } = this.#knex;
    try {
      const connection: pg.Client = await client.acquireConnection();
      return new Connection(connection, this.#names, () => client.releaseConnection(connection));
    } catch (error) {
      throw new StoreUnavailable(false, { cause: error });
    }
  }
}

/**
 * True if the connection must not be used again. If the error is not an answer of the server, the connection is broken or the answer is
 * late: the next answer may belong to the last question. Other reasons: the server ends the connection, it is not the primary any
 * more, or a prepared statement has columns that have other types now (0A000).
 */
export function isBroken(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(57P|25P0[34]|25006|0A000)/.test(error.code ?? "");
}
