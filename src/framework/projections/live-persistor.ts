import type { Persistor } from "./persistor.ts";
import { keyIn, keyOfChange, type RowChange, type Rows, type Values } from "./row-change.ts";
import { Increment, type Table } from "./table.ts";
import { changed, fittingRow } from "./values.ts";

/** Changes that can be made in any order: for each table, one change of many rows (without a key), or one for each row. */
type Stage = Map<Table, Map<string | undefined, RowChange>>;

/**
 * Gathers the rows that the projectors of one unit of work write, so all of them are sent with the events. All writes to one row
 * become one change.
 *
 * Some changes must happen one after the other: two of one row that cannot be merged, or one of many rows and one of a single
 * row. They go into stages. The last stage is sent with the events, and the earlier ones are written ahead.
 */
export class LivePersistor implements Persistor {
  readonly #transaction: Rows;
  #earlier: RowChange[][] = [];
  #stage: Stage = new Map();
  #lookedUp: Promise<unknown> = Promise.resolve();

  constructor(transaction: Rows) {
    this.#transaction = transaction;
  }

  write(change: RowChange): void {
    if (change.kind === "update" && Object.keys(change.changes).length === 0) return;
    if (this.#add(change)) return;
    this.#endStage();
    this.#add(change);
  }

  /** One after the other, because each may first have to send the earlier writes. */
  find(table: Table, where: Values): Promise<Values | undefined> {
    const found = this.#lookedUp.then(() => this.#find(table, where));
    this.#lookedUp = found.catch(() => {}); // the caller gets the error
    return found;
  }

  /** The changes to send with the events. */
  async takeRemainingChanges(): Promise<RowChange[]> {
    await this.#lookedUp;
    const last = this.#stage;
    this.#stage = new Map();
    await this.#writeAhead();
    return changesOf(last);
  }

  /** False if the change must come after the changes in this stage. */
  #add(change: RowChange): boolean {
    const rows = this.#stage.get(change.table);
    const key = keyOfChange(change);
    if (!rows) {
      this.#stage.set(change.table, new Map([[key, change]]));
      return true;
    }
    if (key === undefined || rows.has(undefined)) return false;
    const earlier = rows.get(key);
    const both = earlier ? merged(earlier, change) : change;
    if (both) rows.set(key, both);
    return both !== undefined;
  }

  #endStage(): void {
    this.#earlier.push(changesOf(this.#stage));
    this.#stage = new Map();
  }

  async #find(table: Table, where: Values): Promise<Values | undefined> {
    const isWritten = (changes: RowChange[]) => changes.some((change) => change.table === table);
    const isWrittenEarlier = this.#earlier.some(isWritten);
    const rows = this.#stage.get(table);
    const key = keyIn(table, where);
    const known = key === undefined ? undefined : rows?.get(key);
    if (known?.kind === "insert" && !isWrittenEarlier) return fittingRow(table, known.values);
    const isStaged = rows && (key === undefined || known || rows.has(undefined));
    if (isStaged) this.#endStage();
    if (isStaged || isWrittenEarlier) await this.#writeAhead();
    return this.#transaction.readRow(table, where);
  }

  /** Writes that come in the meantime are not lost: they go into new stages. */
  async #writeAhead(): Promise<void> {
    const earlier = this.#earlier;
    this.#earlier = [];
    for (const changes of earlier) await this.#transaction.write(changes);
  }
}

function changesOf(stage: Stage): RowChange[] {
  return [...stage.values()].flatMap((rows) => [...rows.values()]);
}

/** Merges two changes of one row. Undefined if the second must come after the first. */
function merged(earlier: RowChange, later: RowChange): RowChange | undefined {
  if (earlier.kind === "delete" || later.kind === "insert") return undefined;
  if (later.kind === "delete") return earlier.kind === "insert" ? undefined : later;
  if (earlier.kind === "update") {
    if (later.kind !== "update") return undefined;
    return { ...later, changes: changed(later.table, earlier.changes, later.changes) };
  }
  const more = later.kind === "update" ? later.changes : later.values;
  const values = changed(earlier.table, earlier.values, more);
  // A new row has all its columns. If the row may exist already, only the database can add to its numbers.
  const isKnown = earlier.kind === "insert" || !Object.values(values).some((one) => one instanceof Increment);
  return isKnown ? { ...earlier, values } : undefined;
}
