import { type BaseEvent, storedEvent } from "../../event.ts";
import type { RowChange } from "../../persistor/row-change.ts";
import { instantText } from "../../serialization.ts";
import type { ExecutedCommand, UnitOfWork } from "../event-store.ts";
import type { SeenViews } from "./live-views.ts";
import { rowGroups } from "./row-groups.ts";
import { named, type Statement, textOnce } from "./statement.ts";

/** All of a unit of work as one statement, which is its own transaction. */
export function storeStatement(unit: UnitOfWork, views?: SeenViews): Statement {
  const rows = rowGroups(unit.rowChanges);
  return named(
    textOnce(`store ${rows.key}`, () => {
      const stored = "stored as (select sequent_schema.store_unit($1, $2, $3, $4, $5, $6, $7))";
      return `with ${[stored, ...rows.parts(8)].join(",\n  ")}\nselect from stored`;
    }),
    [
      JSON.stringify(unit.commands.map(commandRow)),
      JSON.stringify(unit.newAggregates.map(aggregateRow)),
      JSON.stringify(
        unit.commands.flatMap(({ command, events }) =>
          events.map((event) => eventRow(event, command.commandId)),
        ),
      ),
      JSON.stringify(
        unit.keyChanges.map(({ aggregateId, ...change }) => ({ ...change, aggregate_id: aggregateId })),
      ),
      JSON.stringify(unit.required.map(aggregateRow)),
      views?.generation ?? null,
      views?.deferred ?? null,
      ...rows.parameters(),
    ],
  );
}

/** Row changes on their own, inside a transaction. */
export function writeStatement(changes: readonly RowChange[], schema?: string): Statement {
  const rows = rowGroups(changes, schema);
  const text = textOnce(`write ${rows.key}`, () => `with ${rows.parts(1).join(",\n  ")}\nselect`);
  return named(text, rows.parameters());
}

function commandRow({ command, cause, events }: ExecutedCommand) {
  return {
    command_id: command.commandId,
    command_type: command.class.type,
    aggregate_id: command.aggregateId,
    user_id: command.userId ?? null,
    payload: command.toJson(),
    cause_aggregate_id: cause?.aggregateId ?? null,
    cause_sequence_number: cause?.sequenceNumber ?? null,
    event_count: events.length,
    created_at: instantText(command.createdAt),
  };
}

function eventRow(event: BaseEvent, commandId: string) {
  const { aggregateId, sequenceNumber, createdAt, type, version, payload } = storedEvent(event);
  return {
    aggregate_id: aggregateId,
    sequence_number: sequenceNumber,
    event_type: type,
    event_version: version,
    payload,
    command_id: commandId,
    created_at: instantText(createdAt),
  };
}

function aggregateRow({ aggregateId, aggregateType }: { aggregateId: string; aggregateType: string }) {
  return { aggregate_id: aggregateId, aggregate_type: aggregateType };
}
