import { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { DueForSnapshot } from "../aggregates/snapshot-taker.ts";
import type { BaseCommand, Cause } from "../messages/base-command.ts";
import type { Clock } from "../messages/clock.ts";
import { HandlerGate } from "../messages/handler-gate.ts";
import { type Handler, handlersOf } from "../messages/message-handler.ts";
import { LiveProjection } from "../projections/projection.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import type { RowChange, Rows } from "../projections/row-change.ts";
import {
  type EventStore,
  type ExecutedCommand,
  type StoredCommand,
  type UnitOfWork,
  versionAfter,
} from "../store/event-store.ts";
import type { CommandHandler, CommandHandlerClass } from "./command-handler.ts";
import { causeOf, type WorkflowClass, WorkflowRun } from "./workflow.ts";

/** Wraps the handling of each command: `async (command, next) => { …; await next(); … }`. */
export type CommandMiddleware = (command: BaseCommand, next: () => Promise<void>) => Promise<void>;

export interface UnitParts {
  readonly eventStore: EventStore;
  readonly commandHandlers: readonly CommandHandlerClass[];
  readonly projectors?: readonly ProjectorClass[];
  readonly workflows?: readonly WorkflowClass[];
  readonly middleware?: readonly CommandMiddleware[] | undefined;
  /** Gives the time. By default, that of the machine. */
  readonly clock?: Clock | undefined;
}

/** The result of a command: its aggregate, the number of its events, and the version of the aggregate after them. */
export type CommandResult = Pick<StoredCommand, "commandId" | "aggregateId" | "eventCount" | "version">;

export type Admit = (command: BaseCommand, cause: Cause | undefined) => Promise<BaseCommand>;

interface Queued {
  readonly command: BaseCommand;
  readonly cause: Cause | undefined;
}

/** One attempt at a unit of work: everything in it is made for it and thrown away with it. */
export class UnitOfWorkRun {
  readonly #parts: UnitParts;
  readonly #admit: Admit;
  readonly #gate: HandlerGate;
  readonly #repository: AggregateRepository;
  readonly #projection: LiveProjection;
  readonly #commandHandlers: readonly CommandHandler[];
  readonly #queue: Queued[] = [];
  readonly #executed: ExecutedCommand[] = [];
  /** The rows that projectors had to write before the end. */
  readonly writtenAhead: RowChange[] = [];
  readonly workflows: WorkflowRun;
  #unit: UnitOfWork | undefined;

  constructor(parts: UnitParts, admit: Admit, rows: Rows, projectors: readonly ProjectorClass[]) {
    const { eventStore, commandHandlers, workflows = [], clock } = parts;
    this.#parts = parts;
    this.workflows = new WorkflowRun(workflows);
    this.#gate = new HandlerGate(clock);
    this.#admit = admit;
    this.#repository = new AggregateRepository(eventStore, this.#gate);
    this.#projection = new LiveProjection(projectors, this.#noting(rows));
    this.#commandHandlers = commandHandlers.map((handlerClass) => new handlerClass(this.#repository));
  }

  /** Undefined until everything is decided. After that, only the store knows whether it is stored. */
  get unit(): UnitOfWork | undefined {
    return this.#unit;
  }

  get dueForSnapshot(): DueForSnapshot[] {
    return this.#repository.dueForSnapshot();
  }

  /** Takes admitted commands. Commands of workflows are admitted when their turn comes. */
  async decide(commands: readonly BaseCommand[], cause: Cause | undefined): Promise<UnitOfWork> {
    for (const command of commands) await this.#process(command, cause);
    for (let next = this.#queue.shift(); next; next = this.#queue.shift())
      await this.#process(await this.#admit(next.command, next.cause), next.cause);
    const rowChanges = await this.#projection.takeRemainingChanges();
    this.#gate.throwRefused();
    this.workflows.throwRefused();
    this.#unit = { commands: this.#executed, ...this.#repository.changes(), rowChanges };
    return this.#unit;
  }

  /** The results of the first `count` commands. The commands after them come from workflows. */
  results(count: number): CommandResult[] {
    return this.#executed.slice(0, count).map(resultOf);
  }

  /**
   * A middleware might not await `next`, or hide its error. So the command is awaited here in any case: half of it must not be
   * stored, and it must not go on during the rollback.
   */
  async #process(command: BaseCommand, cause: Cause | undefined): Promise<void> {
    const { middleware = [] } = this.#parts;
    if (middleware.length === 0) return this.#handle(command, cause);
    let handling: Promise<void> | undefined;
    const handle = () => {
      handling ??= this.#handle(command, cause);
      handling.catch(() => {}); // awaited below, even if the middleware does not wait for it
      return handling;
    };
    const chain = middleware.reduceRight<() => Promise<void>>(
      (next, around) => async () => around(command, next),
      handle,
    );
    await chain().finally(() => handling?.catch(() => {}));
    if (!handling)
      throw new TypeError(`A middleware did not call next() for ${command.class.type}. To refuse it, throw.`);
    await handling;
  }

  async #handle(command: BaseCommand, cause: Cause | undefined): Promise<void> {
    const handlers: Handler[] = [];
    for (const each of this.#commandHandlers) handlers.push(...handlersOf(each.handlers, command));
    if (handlers.length === 0) throw new NoCommandHandler(command.class.type);
    this.#repository.expectSeenVersion(command.aggregateId, command.seenVersion);
    this.#repository.requireReferences(command);
    let isUsed = false;
    for (const handler of handlers) {
      await this.#gate.during(`The handler of ${command.class.type}`, () => handler.handle(command));
      isUsed ||= this.#gate.isUsed;
    }
    if (command.class.isCreation && !isUsed) throw new NothingAdded(command.class.type);
    const events = this.#repository.takeUncommittedEvents();
    this.#executed.push({ command, cause, events });
    for (const event of events) {
      await this.#projection.project(event);
      const cause = causeOf(event);
      const commands = await this.workflows.react(event, { cause, metadata: command.metadata });
      for (const each of commands) this.#queue.push({ command: each, cause });
    }
  }

  #noting(rows: Rows): Rows {
    return {
      readRow: (table, where) => rows.readRow(table, where),
      write: (changes) => {
        this.writtenAhead.push(...changes);
        return rows.write(changes);
      },
    };
  }
}

/** No handler takes this command. A command that a module lists would have been refused at the start. */
export class NoCommandHandler extends Error {
  readonly commandType: string;

  constructor(commandType: string) {
    super(`No command handler takes ${commandType}. Add on(${commandType}, …) to one, and list its module.`);
    this.commandType = commandType;
  }
}

/** The handler of a command that makes an aggregate has added none, and has not looked for one either. */
export class NothingAdded extends TypeError {
  readonly commandType: string;

  constructor(commandType: string) {
    super(
      `The handler of ${commandType} adds nothing, so nothing would be stored. Give what it makes to "this.repository.addAggregate(…)".`,
    );
    this.commandType = commandType;
  }
}

function resultOf(executed: ExecutedCommand): CommandResult {
  const { commandId, aggregateId } = executed.command;
  return { commandId, aggregateId, eventCount: executed.events.length, version: versionAfter(executed) };
}
