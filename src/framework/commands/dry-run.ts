import type { BaseCommand } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import type { RowChange, Values } from "../projections/row-change.ts";
import type { UnitOfWorkRun } from "./unit-of-work-run.ts";

/** What commands would do. All of it is empty where they were stored before, and would do nothing more. */
export interface DryRun {
  /** In the order in which they would happen, each with the command that would lead to it. */
  readonly events: readonly { readonly event: BaseEvent; readonly command: BaseCommand }[];
  /** What projectors would write. */
  readonly rows: readonly DryRow[];
  /** What workflows would run in the same unit. */
  readonly commands: readonly BaseCommand[];
}

export interface DryRow {
  readonly projector: string | undefined;
  readonly table: string;
  readonly kind: RowChange["kind"];
  /** Of an insert or an upsert. */
  readonly values?: Values;
  /** Of an update or a delete: which rows. */
  readonly where?: Values;
  /** Of an update. */
  readonly changes?: Values;
}

/** `asked` is how many commands were asked for; those after them are of workflows. */
export function dryRunOf(run: UnitOfWorkRun | undefined, asked: number): DryRun {
  const { commands = [], rowChanges = [] } = run?.unit ?? {};
  return {
    events: commands.flatMap(({ command, events }) => events.map((event) => ({ event, command }))),
    rows: [...(run?.writtenAhead ?? []), ...rowChanges].map(dryRow),
    commands: commands.slice(asked).map(({ command }) => command),
  };
}

function dryRow({ table, cause, ...change }: RowChange): DryRow {
  return { projector: cause?.projector, table: table.name, ...change };
}
