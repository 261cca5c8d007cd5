import type { BaseCommand } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import type { RowChange } from "../projections/row-change.ts";
import type { UnitOfWorkRun } from "./unit-of-work-run.ts";

/** What commands would do. All lists are empty if the commands are stored already, because they would do nothing more. */
export interface DryRun {
  /** In order, each with the command that would lead to it. */
  readonly events: readonly { readonly event: BaseEvent; readonly command: BaseCommand }[];
  readonly rows: readonly RowChange[];
  /** The commands that workflows would run in the same unit. */
  readonly commands: readonly BaseCommand[];
}

/** `asked` is the number of commands in the call. The commands after them come from workflows. */
export function dryRunOf(run: UnitOfWorkRun | undefined, asked: number): DryRun {
  const { commands = [], rowChanges = [] } = run?.unit ?? {};
  return {
    events: commands.flatMap(({ command, events }) => events.map((event) => ({ event, command }))),
    rows: [...(run?.writtenAhead ?? []), ...rowChanges],
    commands: commands.slice(asked).map(({ command }) => command),
  };
}
