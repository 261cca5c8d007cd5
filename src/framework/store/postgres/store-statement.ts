import { instantTexts } from "../../attributes/serialization.ts";
import type { BaseCommand } from "../../messages/base-command.ts";
import type { BaseEvent } from "../../messages/event.ts";
import type { RowChange } from "../../projections/row-change.ts";
import type { ExecutedCommand, KeyChange, UnitOfWork } from "../event-store.ts";
import type { Statement } from "./connections.ts";
import type { SeenViews } from "./live-views.ts";
import { rowParts } from "./row-sql.ts";

interface StatementOptions {
  readonly views?: SeenViews | undefined;
  readonly lockPatienceMs?: number | undefined;
  /** Keeps the texts of row changes: see `rowParts`. */
  readonly texts?: Map<string, string>;
}

/**
 * A whole unit of work as one statement, which is its own transaction. `lockPatienceMs` limits how long it waits for a lock. The
 * statement sets this limit itself, so the limit costs no round trip and ends with the transaction.
 */
export function storeStatement(
  unit: UnitOfWork,
  { views, lockPatienceMs, texts }: StatementOptions = {},
): Statement {
  const rows = rowParts(unit.rowChanges, 9, undefined, texts);
  const textOf = instantTexts();
  const patience = lockPatienceMs ? ` from set_config('lock_timeout', '${lockPatienceMs}', true)` : "";
  const stored = `stored as (select sequent_schema.store_unit($1, $2, $3, $4, $5, $6, $7, $8)${patience})`;
  return {
    text: `with ${[stored, ...rows.parts].join(",\n  ")}\nselect from stored`,
    values: [
      JSON.stringify(unit.commands.map((executed) => commandRow(executed, textOf))),
      rowsOf(unit.newAggregates, aggregateRow),
      JSON.stringify(eventRows(unit.commands, textOf)),
      rowsOf(unit.keyChanges, keyRow),
      rowsOf(unit.required, aggregateRow),
      unit.closed.length > 0 ? unit.closed : null,
      views?.states.generation ?? null,
      views?.deferred ?? null,
      ...rows.values,
    ],
  };
}

/** Only row changes, inside a transaction. */
export function writeStatement(changes: readonly RowChange[], schema?: string): Statement {
  const { parts, values } = rowParts(changes, 1, schema);
  return { text: `with ${parts.join(",\n  ")}\nselect`, values };
}

/** A part of a unit that is mostly empty. */
function rowsOf<Each>(list: readonly Each[], rowOf: (each: Each) => object): string {
  return list.length === 0 ? "[]" : JSON.stringify(list.map(rowOf));
}

function commandRow({ command, cause, events }: ExecutedCommand, textOf: (instant: Date) => string) {
  return {
    command_id: command.commandId,
    command_type: command.class.type,
    aggregate_id: command.aggregateId,
    user_id: command.userId ?? null,
    payload: command.toJson(),
    metadata: command.metadata, // left out if there is none
    cause_aggregate_id: cause?.aggregateId ?? null,
    cause_sequence_number: cause?.sequenceNumber ?? null,
    event_count: events.length,
    created_at: textOf(command.createdAt),
  };
}

function eventRows(commands: readonly ExecutedCommand[], textOf: (instant: Date) => string) {
  const rows: object[] = [];
  for (const { command, events } of commands)
    for (const event of events) rows.push(eventRow(event, command, textOf(event.createdAt)));
  return rows;
}

function eventRow(event: BaseEvent, { commandId }: BaseCommand, createdAt: string) {
  return {
    aggregate_id: event.aggregateId,
    sequence_number: event.sequenceNumber,
    event_type: event.class.type,
    event_version: event.class.upcasts.length,
    payload: event.toJson(),
    command_id: commandId,
    created_at: createdAt,
  };
}

function keyRow({ aggregateId, scope, key, taken }: KeyChange) {
  return { aggregate_id: aggregateId, scope, key, taken };
}

function aggregateRow({ aggregateId, aggregateType }: { aggregateId: string; aggregateType: string }) {
  return { aggregate_id: aggregateId, aggregate_type: aggregateType };
}
