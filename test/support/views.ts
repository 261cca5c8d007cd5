import type { BaseEvent } from "#sequent";
import type { ProjectorClass, Table } from "#sequent/operations";
import { emptyUnit, InMemoryEventStore, rows } from "#sequent/operations";
import * as blog from "../../src/blog.ts";
import type { Database } from "../../src/database/database.ts";
import type { StoredEvent } from "../../src/framework/messages/event-types.ts";
import { LiveProjection } from "../../src/framework/projections/projection.ts";
import { eventColumns } from "../../src/framework/store/postgres/columns.ts";
import type { Program } from "./database.ts";

type Rows = Record<string, unknown[]>;

export const { storedEvents, foldedViews, storedViews } = viewsOf(blog);

/** Reads the views of a program as they are, and as they should be. */
export function viewsOf({ projectors: projectorsOfProgram, eventTypes }: Program) {
  return {
    /** All events, in the order in which they were stored. */
    async storedEvents({ write }: Database): Promise<BaseEvent[]> {
      const select = `
        select event.aggregate_id as "aggregateId", ${eventColumns}
          from sequent_schema.events as event
         order by epoch, position`;
      return (await rows<StoredEvent>(write, select)).map((row) => eventTypes.load(row));
    },

    /** The rows that the views would have if they were built again from all events. */
    async foldedViews(
      events: readonly BaseEvent[],
      projectors: readonly ProjectorClass[] = projectorsOfProgram,
    ): Promise<Rows> {
      const store = new InMemoryEventStore(eventTypes);
      for (const event of events) {
        await store.store(async (rows) => {
          const projection = new LiveProjection(projectors, rows);
          await projection.project(event);
          return { ...emptyUnit, rowChanges: await projection.takeRemainingChanges() };
        });
      }
      return everyTable(projectors, async (table) => [...store.rows.all(table)]);
    },

    /** The rows that the views have. */
    async storedViews(
      { write }: Database,
      projectors: readonly ProjectorClass[] = projectorsOfProgram,
    ): Promise<Rows> {
      return everyTable(projectors, (table) =>
        write.withSchema("view_schema").from(table.name).select(Object.keys(table.columns)),
      );
    },
  };
}

async function everyTable(
  projectors: readonly ProjectorClass[],
  rowsOf: (table: Table) => Promise<Record<string, unknown>[]>,
): Promise<Rows> {
  const views: Rows = {};
  for (const table of projectors.flatMap(({ tables }) => tables)) {
    const key = (row: Record<string, unknown>) =>
      table.primaryKey.map((name) => String(row[name]).padStart(9, "0")).join();
    views[table.name] = (await rowsOf(table)).sort((one, other) => (key(one) < key(other) ? -1 : 1));
  }
  return views;
}
