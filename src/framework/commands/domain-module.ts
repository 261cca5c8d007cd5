import type { AggregateClass } from "../aggregates/aggregate-root.ts";
import { BaseCommand, type CommandClass } from "../messages/base-command.ts";
import type { EventClass } from "../messages/event.ts";
import { EventTypes } from "../messages/event-types.ts";
import { type ModuleExports, messageClassesIn } from "../messages/message.ts";
import type { CommandHandlerClass } from "./command-handler.ts";

/**
 * The parts of one aggregate. `commands` and `events` are all exports of their files. Value objects and helpers among them are
 * ignored.
 *
 *     import * as commands from "./commands.ts";
 *     import * as events from "./events.ts";
 *
 *     export const post = { aggregate: Post, commandHandler: PostCommandHandler, commands, events } satisfies DomainModule;
 */
export interface DomainModule {
  readonly aggregate: AggregateClass;
  readonly commandHandler: CommandHandlerClass;
  readonly commands: ModuleExports;
  readonly events: ModuleExports;
  /** Only if the aggregate is a person, who may ask to be erased. */
  readonly erasure?: ErasureDeclaration;
}

/** How to erase a person: the command, and the event that records it. */
interface ErasureDeclaration {
  /** The word for such a person: `npm run erase -- author <id>`. */
  readonly kind: string;
  readonly command: new (values: ErasureValues) => BaseCommand;
  readonly event: EventClass;
}

interface ErasureValues {
  readonly aggregateId: string;
  /** The attributes of the command: who erases, and why. */
  readonly by: string;
  readonly reason?: string;
}

export function domainOf(modules: readonly DomainModule[]) {
  return {
    eventTypes: new EventTypes(modules.map(({ events }) => events)),
    commandClasses: modules.flatMap(({ commands }) => commandClassesIn(commands)),
    aggregates: modules.map(({ aggregate }) => aggregate),
    commandHandlers: modules.map(({ commandHandler }) => commandHandler),
    erasures: modules.flatMap(({ aggregate, erasure }) => (erasure ? [{ ...erasure, aggregate }] : [])),
  };
}

export function commandClassesIn(exports: ModuleExports): CommandClass[] {
  return [...new Set(messageClassesIn<CommandClass>(exports, BaseCommand))];
}
