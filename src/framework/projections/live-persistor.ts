import { keptValues } from "./kept-values.ts";
import type { Persistor } from "./persistor.ts";
import type { ProjectedEvent, RowChange, Rows, Values } from "./row-change.ts";
import { keyOf, Stage } from "./stage.ts";
import type { ChangesOf, NewRowOf, RowOf, Table, WhereOf } from "./table.ts";

/**
 * Gathers the rows that the projectors of one unit of work write, so all of them are sent with the events. All writes to one row
 * become one change.
 *
 * Some changes must happen one after the other: two of one row that cannot be merged, or one of many rows and one of a single
 * row. They go into stages. The last stage is sent with the events, and the earlier ones are written ahead.
 */
export class LivePersistor implements Persistor {
  readonly #transaction: Rows;
  #stages: Stage[] = [new Stage()];
  #lookedUp: Promise<unknown> = Promise.resolve();
  /** The projector and its event, kept with each change for the error if the database refuses it. */
  cause: ProjectedEvent | undefined;

  constructor(transaction: Rows) {
    this.#transaction = transaction;
  }

  create<T extends Table>(table: T, values: NewRowOf<T>): void {
    this.#add({ kind: "insert", table, values: keptValues(table, values as Values), cause: this.cause });
  }

  createOrUpdate<T extends Table>(table: T, values: NewRowOf<T>): void {
    this.#add({ kind: "upsert", table, values: keptValues(table, values as Values), cause: this.cause });
  }

  update<T extends Table>(table: T, given: WhereOf<T>, changes: ChangesOf<T>): void {
    const where = keptValues(table, given as Values);
    if (Object.keys(changes).length > 0)
      this.#add({ kind: "update", table, where, changes: keptValues(table, changes), cause: this.cause });
  }

  delete<T extends Table>(table: T, where: WhereOf<T>): void {
    this.#add({ kind: "delete", table, where: keptValues(table, where as Values), cause: this.cause });
  }

  /** One after the other, because each may first have to send the earlier writes. */
  find<T extends Table>(table: T, where: WhereOf<T>): Promise<RowOf<T> | undefined> {
    const found = this.#lookedUp.then(() => this.#find(table, keptValues(table, where as Values)));
    this.#lookedUp = found.catch(() => {}); // the caller gets the error
    return found;
  }

  /** The changes to send with the events. */
  async takeRemainingChanges(): Promise<RowChange[]> {
    await this.#lookedUp;
    const last = this.#stages.pop();
    await this.#writeAhead();
    return last?.changes() ?? [];
  }

  async #find<T extends Table>(table: T, where: Values): Promise<RowOf<T> | undefined> {
    const key = keyOf(table, where);
    const written =
      this.#stages.length === 1 && key !== undefined ? this.#stages[0]?.wholeRow(table, key) : undefined;
    if (written) return written as RowOf<T>;
    if (this.#stages.some((stage) => stage.touches(table))) await this.#writeAhead();
    return (await this.#transaction.readRow(table, where)) as RowOf<T> | undefined;
  }

  /** Writes that come in the meantime are not lost: they go into new stages. */
  async #writeAhead(): Promise<void> {
    const stages = this.#stages;
    this.#stages = [new Stage()];
    for (const stage of stages) await this.#transaction.write(stage.changes());
  }

  #add(change: RowChange): void {
    if (this.#stages.at(-1)?.add(change)) return;
    const next = new Stage();
    next.add(change);
    this.#stages.push(next);
  }
}
