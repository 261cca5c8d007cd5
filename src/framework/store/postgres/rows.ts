import type { Knex } from "knex";

type Bindings = readonly Knex.RawBinding[] | Knex.ValueDict;

/**
 * The rows of a statement, for statements that run now and then. Statements of every command and page go through
 * `PostgresConnections`, which prepares them.
 *
 *     const states = await rows<{ projector: string }>(knex, "select projector from sequent_schema.projector_states");
 */
export async function rows<Row>(knex: Knex, sql: string, bindings?: Bindings): Promise<Row[]> {
  return (await run<Row>(knex, sql, bindings)).rows;
}

/** The row of a statement that always returns one, such as a count. */
export async function oneRow<Row>(knex: Knex, sql: string, bindings?: Bindings): Promise<Row> {
  const [row] = await rows<Row>(knex, sql, bindings);
  if (row === undefined) throw new TypeError(`This statement returned no row: ${sql}`);
  return row;
}

export async function rowCount(knex: Knex, sql: string, bindings?: Bindings): Promise<number> {
  return (await run(knex, sql, bindings)).rowCount;
}

function run<Row>(knex: Knex, sql: string, bindings?: Bindings) {
  type Result = { readonly rows: Row[]; readonly rowCount: number };
  return bindings ? knex.raw<Result>(sql, bindings) : knex.raw<Result>(sql); // without bindings, "?" is an operator
}
