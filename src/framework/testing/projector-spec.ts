import type { BaseEvent } from "../messages/event.ts";
import { EventTypes } from "../messages/event-types.ts";
import { checkProjectors } from "../projections/check-projectors.ts";
import { LiveProjection } from "../projections/projection.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { Values } from "../projections/row-change.ts";
import type { NewRowOf, Table } from "../projections/table.ts";
import { emptyUnit } from "../store/event-store.ts";
import { InMemoryEventStore } from "../store/memory/in-memory-event-store.ts";
import { expectEqual, pointingAtTest } from "./expected.ts";
import { type BeforeEach, SpecTime } from "./spec-time.ts";

interface ProjectorSpecOptions {
  readonly beforeEach: BeforeEach;
  readonly projectors: readonly ProjectorClass[];
}

export interface ProjectorSpec {
  /** Sets the time of the events after it, for rows that show a time: `at("2026-11-20T09:00:00Z")`. */
  at(time: Date | string): void;
  given(...events: readonly BaseEvent[]): void;
  /** Compares all rows of a table, in any order. A column that is left out is empty. */
  thenRows<T extends Table>(table: T, ...expected: readonly NewRowOf<T>[]): Promise<void>;
}

/**
 * The words for the specs of projectors:
 *
 *     const { given, thenRows } = projectorSpec({ beforeEach, projectors: [AuthorProjector] });
 *
 *     test("an author has a name", async () => {
 *       given(AuthorAdded.of(author), AuthorNameSet.of(author, { name: "Ben" }));
 *       await thenRows(authorRecords, { aggregate_id: author, name: "Ben" });
 *     });
 *
 * The events are projected twice: all in one unit of work, and each in its own unit. Both must give the same rows.
 */
export function projectorSpec({ beforeEach, projectors }: ProjectorSpecOptions): ProjectorSpec {
  checkProjectors(projectors);
  let events: BaseEvent[] = [];
  let time = new SpecTime();
  beforeEach(() => {
    events = [];
    time = new SpecTime();
    return () => {};
  });
  return {
    at: (instant) => time.set(instant),
    given: (...more) => void events.push(...time.happened(more)),
    thenRows: pointingAtTest(async (table, ...expected) => {
      const wanted = expected.map((row) => withEveryColumn(table, row));
      for (const units of [[events], events.map((event) => [event])]) {
        const store = new InMemoryEventStore(new EventTypes([]));
        for (const unit of units) await project(projectors, store, unit);
        const rows = sorted(table, store.rows.all(table));
        expectEqual(rows, sorted(table, wanted), `The rows of ${table.name} are not as expected.`);
      }
    }),
  };
}

async function project(
  projectors: readonly ProjectorClass[],
  store: InMemoryEventStore,
  events: readonly BaseEvent[],
): Promise<void> {
  await store.store(async (rows) => {
    const projection = new LiveProjection(projectors, rows);
    for (const event of events) await projection.project(event);
    return { ...emptyUnit, rowChanges: await projection.takeRemainingChanges() };
  });
}

/** With those that the table does not have, too, so a column can be tested before it is there. */
function withEveryColumn({ columns }: Table, row: Values): Values {
  const empty = Object.fromEntries(Object.keys(columns).map((name) => [name, null]));
  return { ...empty, ...row };
}

function sorted({ primaryKey }: Table, rows: readonly Values[]): Values[] {
  const key = (row: Values) => JSON.stringify(primaryKey.map((name) => row[name]));
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
