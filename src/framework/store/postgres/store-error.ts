import pg from "pg";
import { codeOf } from "../../errors/describe-error.ts";
import {
  AggregateAlreadyExists,
  AggregateClosed,
  AggregateKeyNotUnique,
  AggregateNotFound,
  CommandAlreadyStored,
  ConcurrentChange,
  SequenceGap,
  StoreUnavailable,
  ViewsNotCurrent,
} from "../../errors/store-errors.ts";
import { ProjectorFailed } from "../../projections/projector-failed.ts";
import type { RowChange } from "../../projections/row-change.ts";
import { tooLargeSum } from "../../projections/values.ts";
import type { UnitOfWork } from "../event-store.ts";

/** Turns an error of the database into one of the event store, by SQLSTATE and constraint, never by its text. */
export function storeError(error: unknown, unit: Partial<UnitOfWork> = {}): unknown {
  if (!(error instanceof pg.DatabaseError))
    return error instanceof Error && isOurs(error) ? error : new StoreUnavailable(true, { cause: error });
  const { commands = [], newAggregates = [], rowChanges = [] } = unit;
  const { code = "", constraint = "", detail = "", schema, table } = error;
  const options = { cause: error };
  const changed = () => [
    ...new Set(commands.flatMap(({ events }) => events.map(({ aggregateId }) => aggregateId))),
  ];

  // A view may be in other schemas, too, while it is built.
  // 22: a value does not fit its column; 42, 0A: a table or a column is missing or has changed
  if ((schema !== undefined && schema !== "sequent_schema") || /^(22|42|0A)/.test(code)) {
    const ofTable = rowChanges.filter((each) => each.table.name === table);
    const refused =
      code === "22003" ? tooLargeSum(ofTable.length > 0 ? ofTable : rowChanges, options) : undefined;
    const change =
      refused?.change ?? ofTable.find((each) => hasKey(each, detail)) ?? ofTable[0] ?? rowChanges[0];
    if (change?.cause) {
      const { projector, event } = change.cause;
      return new ProjectorFailed(projector, event, refused ? { cause: refused.error } : options);
    }
  }
  switch (code) {
    case "23505":
      if (isKeyOfEvents(constraint)) return new ConcurrentChange(changed(), options);
      if (constraint === "commands_pkey")
        return new CommandAlreadyStored(
          commands.map(({ command }) => command.commandId),
          options,
        );
      if (constraint === "aggregates_pkey")
        return new AggregateAlreadyExists(
          newAggregates.map(({ aggregateId }) => aggregateId),
          options,
        );
      break;
    case "SQ001":
      return new SequenceGap([detail], options);
    case "SQ006":
      return new ConcurrentChange([detail], options);
    case "SQ002":
      return new AggregateKeyNotUnique(constraint, detail, options);
    case "SQ003":
      return new AggregateNotFound({ aggregateType: constraint, aggregateId: detail }, options);
    case "SQ007":
      return new AggregateClosed({ aggregateType: constraint, aggregateId: detail }, options);
    case "SQ004":
    case "SQ005":
      return new ViewsNotCurrent(options);
    case "40001": // serialization failure
    case "40P01": // deadlock
      return new ConcurrentChange(changed(), options);
  }
  // 08 connection, 53 no resources (disk, memory, connections), 57P operator intervention, 57014 cancelled,
  // 25P0 idle or open for too long, 25006 a primary that became a replica
  if (isLockTimeout(error) || /^(08|53|57P|57014|25P0[34]|25006)/.test(code))
    return new StoreUnavailable(/^(08|57P)/.test(code), options);
  return error;
}

/** A lock was not free in time. Nothing has changed yet, so another try would wait again. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === "55P03";
}

/** Each partition has a key of its own, named after it. */
function isKeyOfEvents(constraint: string): boolean {
  return /^events(_\d+)?_pkey$/.test(constraint);
}

function isOurs(error: Error): boolean {
  return error instanceof StoreUnavailable || error instanceof TypeError;
}

/** True if the change is for the row that Postgres names, as in "Key (id, place)=(7, 1) already exists." */
function hasKey(change: RowChange, detail: string): boolean {
  const [, columns = "", key] = /^Key \((.*?)\)=\((.*)\) /.exec(detail) ?? [];
  const row = "values" in change ? change.values : change.where;
  const own = columns.split(", ").map((column) => String(row[column]));
  return own.join(", ") === key;
}
