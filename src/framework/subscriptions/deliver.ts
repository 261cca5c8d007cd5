import type { Knex } from "knex";
import { idOfName } from "../attributes/ids.ts";
import { BaseCommand, type Cause } from "../messages/base-command.ts";
import type { Delivery } from "../messages/delivery.ts";
import type { EventTypes } from "../messages/event-types.ts";
import { handlersOf } from "../messages/message-handler.ts";
import { userOfSubscription } from "../messages/user.ts";
import type { LoggedEvent } from "../store/event-store.ts";
import type { Subscription } from "./subscription.ts";

/** Runs commands because of an event. A command service is one. */
export interface CommandExecutor {
  executeBecauseOf(cause: Cause, ...commands: readonly BaseCommand[]): Promise<unknown>;
}

type Work = (trx: Knex.Transaction) => Promise<unknown>;

export interface Delivering {
  readonly subscription: Subscription;
  readonly eventTypes: EventTypes;
  readonly commandService: CommandExecutor;
}

interface Attempt {
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Does the work, and notes in its transaction that the event is handled. */
  readonly noteWith: (work: Work) => Promise<void>;
}

/** A handler has taken longer than the time limit of its subscription. */
export class TimeLimitExceeded extends Error {
  constructor(subscription: string, timeLimitMs: number) {
    super(`${subscription} took longer than ${timeLimitMs} ms for one event.`);
  }
}

export const idOf = ({ aggregateId, sequenceNumber }: Cause): string => `${aggregateId}:${sequenceNumber}`;

/** Gives an event to the handlers of a subscription, once. */
export async function deliver(
  event: LoggedEvent,
  { subscription, eventTypes, commandService }: Delivering,
  { attempt, signal, noteWith }: Attempt,
): Promise<void> {
  const { savedName, concurrency, timeLimitMs } = subscription.class;
  const ending = new AbortController();
  const within = AbortSignal.any([signal, ending.signal]);
  let isNoted = false;
  let commandsRun = 0;
  const commandIdOf = (index = 0) => idOfName(`${savedName} ${idOf(event)} ${index}`);
  const delivery: Delivery = {
    id: idOf(event),
    sequenceNumber: event.sequenceNumber,
    createdAt: event.createdAt,
    commandId: event.commandId,
    userId: event.userId,
    metadata: event.metadata,
    attempt,
    signal: within,
    commandIdOf,
    async executeCommands(...commands) {
      within.throwIfAborted();
      const user = userOfSubscription(savedName);
      const own = commands.map((command) => {
        const named = BaseCommand.withId(command, commandIdOf(commandsRun));
        commandsRun += 1;
        named.inheritUser(user);
        named.inheritMetadata(event.metadata);
        return named;
      });
      const { aggregateId, sequenceNumber } = event;
      await commandService.executeBecauseOf({ aggregateId, sequenceNumber }, ...own);
    },
    async inTransaction(work) {
      if (concurrency !== 1)
        throw new TypeError(
          `${savedName} uses inTransaction, so its events must come one after the other. Write: Subscription("${savedName}", { …, concurrency: 1 })`,
        );
      if (isNoted)
        throw new TypeError(`${savedName} uses inTransaction twice for one event. Do all of it in one.`);
      within.throwIfAborted();
      await noteWith(work);
      isNoted = true;
    },
  };

  const handling = async () => {
    const loaded = eventTypes.load(event);
    for (const handler of handlersOf(subscription.handlers ?? [], loaded))
      await handler.handle(loaded, delivery);
  };
  const timer = setTimeout(() => ending.abort(new TimeLimitExceeded(savedName, timeLimitMs)), timeLimitMs);
  await untilAborted(handling(), within).finally(() => clearTimeout(timer));
}

/** Waits for the work, but not longer than until the signal is aborted. The work may fail after that: nobody waits for it. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
