import type { Knex } from "knex";
import type { RowOf } from "#sequent";
import { PostgresConnections, type Table } from "#sequent/operations";

/** What to run: SQL as a text, or a query of the builder of Knex. */
type Sql<Row extends object> = string | Knex.QueryBuilder<Row, Row[]>;

/** Runs queries on the views, each as a prepared statement on a connection that cannot write. */
export class Views {
  readonly #knex: Knex;
  readonly #connections: PostgresConnections;

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#connections = new PostgresConnections(knex);
  }

  all<Row extends object>(sql: Sql<Row>, values: readonly unknown[] = []): Promise<Row[]> {
    if (typeof sql === "string") return this.#connections.all<Row>(sql, values);
    const { sql: text, bindings } = sql.toSQL().toNative();
    return this.#connections.all<Row>(text, bindings);
  }

  async first<Row extends object>(sql: Sql<Row>, values: readonly unknown[] = []): Promise<Row | undefined> {
    const [row] = await this.all<Row>(sql, values);
    return row;
  }

  /** Begins a simple query: `views.first(views.from(authorRecords).where({ aggregate_id: authorId }))`. */
  from<T extends Table>({ name, columns }: T): Knex.QueryBuilder<RowOf<T>, RowOf<T>[]> {
    const builder = this.#knex.withSchema("view_schema").from(name).select(Object.keys(columns));
    return builder as Knex.QueryBuilder<RowOf<T>, RowOf<T>[]>;
  }
}

/** The columns of a table for SQL, such as `posts.title, …`. So a new column needs no change in the query. */
export function columnsOf({ columns }: Table, alias: string, without: readonly string[] = []): string {
  const names = Object.keys(columns).filter((name) => !without.includes(name));
  return names.map((name) => `${alias}.${name}`).join(", ");
}
