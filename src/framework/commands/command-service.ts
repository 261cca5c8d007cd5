import { setTimeout as sleep } from "node:timers/promises";
import type { SnapshotTaker } from "../aggregates/snapshot-taker.ts";
import { errorText } from "../errors/describe-error.ts";
import { ConcurrentChange, StoreUnavailable } from "../errors/store-errors.ts";
import type { BaseCommand, Cause } from "../messages/base-command.ts";
import { checkCommand } from "../messages/check-command.ts";
import { machineClock } from "../messages/clock.ts";
import { checkProjectors } from "../projections/check-projectors.ts";
import type { Decide, StoredCommand } from "../store/event-store.ts";
import { type DryRun, dryRunOf } from "./dry-run.ts";
import { type Admit, type CommandResult, UnitOfWorkRun, type UnitParts } from "./unit-of-work-run.ts";

/**
 * Sees each command before its rules are checked, and throws to refuse it. A command of a workflow has a cause, and the
 * workflow as its user.
 */
export type CommandFilter = (command: BaseCommand, cause: Cause | undefined) => void | Promise<void>;

export interface CommandServiceOptions extends UnitParts {
  readonly filters?: readonly CommandFilter[] | undefined;
  /** Takes the snapshots that are due. By default, none are taken. */
  readonly snapshots?: Pick<SnapshotTaker, "takeSoon">;
  /** Gets the error of an `afterCommit` task. The command stays stored. By default, the error goes to stderr. */
  readonly onAfterCommitError?: ((error: unknown) => void) | undefined;
}

const retries = 3;

/** How long to try while the store does not answer. Then the caller gets the error, and may send the command again. */
const patienceMs = 2_000;

/**
 * Runs commands. The commands of one call, and those that workflows add, are one unit of work: all of it is stored, or
 * nothing. When the promise resolves, it is stored and every view shows it.
 *
 *     await commandService.executeCommands(new PublishPost({ aggregateId, publicationDate }));
 */
export class CommandService {
  readonly #options: CommandServiceOptions;

  constructor(options: CommandServiceOptions) {
    checkProjectors(options.projectors ?? []);
    this.#options = options;
  }

  async executeCommands(...commands: readonly BaseCommand[]): Promise<CommandResult[]> {
    return this.#execute(commands, undefined);
  }

  /** Runs commands because of an event that was stored before, such as those of a subscription. */
  async executeBecauseOf(cause: Cause, ...commands: readonly BaseCommand[]): Promise<CommandResult[]> {
    return this.#execute(commands, cause);
  }

  /**
   * Shows what `executeCommands` would do, or throws the same error. Nothing is stored, no snapshot is taken, and no task
   * after the commit runs.
   */
  async dryRun(...commands: readonly BaseCommand[]): Promise<DryRun> {
    const admitted = await this.#admitAll(commands, undefined);
    const { committed } = await this.#executeOnce(admitted, undefined, true);
    return dryRunOf(committed, commands.length);
  }

  async #execute(commands: readonly BaseCommand[], cause: Cause | undefined): Promise<CommandResult[]> {
    const admitted = await this.#admitAll(commands, cause);
    const { results, committed } = await this.#executeOnce(admitted, cause);
    if (!committed) return results;
    this.#options.snapshots?.takeSoon(committed.dueForSnapshot);
    await this.#runAfterCommit(committed);
    return results;
  }

  async #admitAll(commands: readonly BaseCommand[], cause: Cause | undefined): Promise<BaseCommand[]> {
    refuseRepeatedIds(commands);
    const admitted: BaseCommand[] = [];
    for (const command of commands) admitted.push(await this.#admit(command, cause));
    return admitted;
  }

  async #admit(command: BaseCommand, cause: Cause | undefined): Promise<BaseCommand> {
    const { clock = machineClock, filters = [] } = this.#options;
    command.dateBy(clock);
    for (const filter of filters) {
      const answer: unknown = await filter(command, cause);
      if (answer === false) throw filterReturnedFalse(command);
    }
    return checkCommand(command);
  }

  /** Tries until the unit is stored, was stored before, or is refused for good. */
  async #executeOnce(
    commands: readonly BaseCommand[],
    cause: Cause | undefined,
    dryRun = false,
  ): Promise<Execution> {
    const started = performance.now();
    const { eventStore, projectors = [] } = this.#options;
    const admit: Admit = (command, itsCause) => this.#admit(command, itsCause);
    let uncertain: UnitOfWorkRun | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const last: { run?: UnitOfWorkRun } = {}; // the store may decide again
      const decide: Decide = (rows, live) => {
        last.run = new UnitOfWorkRun(this.#options, admit, rows, live);
        return last.run.decide(commands, cause);
      };
      try {
        await eventStore.store(decide, { projectors, dryRun });
        return { results: last.run?.results(commands.length) ?? [], committed: last.run };
      } catch (error) {
        const late = performance.now() - started > patienceMs;
        if (late && error instanceof StoreUnavailable) throw error;
        if (last.run?.unit && error instanceof StoreUnavailable && error.outcomeUnknown) uncertain = last.run;
        const results = await this.#resultsOfFirstTime(commands, error);
        if (results) return { results, committed: uncertain };
        if (attempt > retries || !isPassing(error)) throw error;
        await sleep(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  /**
   * A command that is sent again fails because of its first time: the post is published, the version is old, or the id is
   * stored. So after each failure, look for the id. The result is undefined if it is not stored. If nobody can look, the
   * failure proves nothing: the command may be stored or not.
   */
  async #resultsOfFirstTime(
    commands: readonly BaseCommand[],
    error: unknown,
  ): Promise<CommandResult[] | undefined> {
    const stored = await this.#options.eventStore
      .findCommands(commands.map(({ commandId }) => commandId))
      .catch((lost) => {
        throw error instanceof StoreUnavailable ? error : new StoreUnavailable(true, { cause: lost });
      });
    const [first] = stored;
    if (!first) return undefined;
    if (stored.length < commands.length) throw new CommandIdReused(first.commandId);
    const byId = new Map(stored.map((each) => [each.commandId, each]));
    return commands.map((command) => resultOfFirstTime(command, byId.get(command.commandId)));
  }

  /** The commands of a task are a unit of their own: if they fail, the first unit stays stored. */
  async #runAfterCommit({ workflows }: UnitOfWorkRun): Promise<void> {
    const { onAfterCommitError = (error) => console.error(errorText(error)) } = this.#options;
    for (const task of workflows.tasks) {
      try {
        const commands = await workflows.perform(task);
        if (commands.length > 0) await this.#execute(commands, task.cause);
      } catch (error) {
        onAfterCommitError(error);
      }
    }
  }
}

interface Execution {
  readonly results: CommandResult[];
  /** The attempt that was stored. Undefined if it was stored before; then its tasks are done. */
  readonly committed: UnitOfWorkRun | undefined;
}

/** Another command had this id. Answer with 409 and a form with a new id. */
export class CommandIdReused extends Error {
  readonly commandId: string;

  constructor(commandId: string) {
    super(`The command id ${commandId} was used before, for another command.`);
    this.commandId = commandId;
  }
}

function filterReturnedFalse({ class: { type } }: BaseCommand): TypeError {
  return new TypeError(
    `A filter returned false for ${type}, which refuses nothing. To refuse a command, throw the error that says why.`,
  );
}

function resultOfFirstTime(command: BaseCommand, stored: StoredCommand | undefined): CommandResult {
  if (!stored || !command.asksTheSameAs(stored)) throw new CommandIdReused(command.commandId);
  const { commandId, aggregateId, eventCount, version } = stored;
  return { commandId, aggregateId, eventCount, version };
}

function refuseRepeatedIds(commands: readonly BaseCommand[]): void {
  const ids = new Set<string>();
  for (const { commandId } of commands) {
    if (ids.has(commandId)) throw new CommandIdReused(commandId);
    ids.add(commandId);
  }
}

/**
 * True if another try may help: another command was faster, or the connection to the store broke. A command with a
 * `seenVersion` may be tried again, too: the version is checked at each load.
 */
function isPassing(error: unknown): boolean {
  return error instanceof StoreUnavailable ? error.outcomeUnknown : error instanceof ConcurrentChange;
}
