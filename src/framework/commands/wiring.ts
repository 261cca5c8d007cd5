import { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import { AggregateTypes } from "../aggregates/aggregate-types.ts";
import { referencesIn } from "../attributes/references.ts";
import { NotWired } from "../errors/not-wired.ts";
import { BaseCommand, type CommandClass } from "../messages/base-command.ts";
import { anyEvent, BaseEvent, type EventClass } from "../messages/event.ts";
import { EventTypes } from "../messages/event-types.ts";
import { type MessageClass, messageClassesIn } from "../messages/message.ts";
import type { Handler } from "../messages/message-handler.ts";
import type { Persistor } from "../projections/persistor.ts";
import { checkProjectors, type ProjectorClass } from "../projections/projector.ts";
import type { EventStore } from "../store/event-store.ts";
import { commandClassesIn, type DomainModule } from "./domain-module.ts";
import type { WorkflowClass } from "./workflow.ts";

/** The lists of a program, written by hand. */
export interface Wiring {
  readonly modules: readonly DomainModule[];
  readonly projectors: readonly ProjectorClass[];
  readonly workflows: readonly WorkflowClass[];
}

/** Finds mistakes at the start that would fail later, or do something wrong without an error. */
export function checkWiring(wiring: Wiring): void {
  const problems = wiringProblems(wiring);
  if (problems.length > 0) throw new NotWired(problems);
}

export function wiringProblems(wiring: Wiring): string[] {
  const { modules, projectors, workflows } = wiring;
  const aggregates = modules.map(({ aggregate }) => aggregate);
  return [
    ...modulesListedTwice(modules),
    ...problemsOf(() => new AggregateTypes(aggregates)),
    ...problemsOf(() => new EventTypes(modules.map(({ events }) => events))),
    ...commandsOfOneName(modules),
    ...problemsOf(() => checkProjectors(projectors)),
    ...workflowsListedTwice(workflows),
    ...erasuresOfOneKind(modules),
    ...commandsNobodyTakes(modules),
    ...commandsNotListed(modules),
    ...eventsNotListed(wiring),
    ...referencesToNothing(modules),
  ];
}

/** Only a warning: an event may be stored for later use. */
export function eventsNobodyTakes(wiring: Wiring): EventClass[] {
  const taken = eventTakers(wiring).flatMap(({ takes }) => takes);
  return eventClassesOf(wiring.modules).filter((each) => !taken.some((one) => isOne(each, one)));
}

/** Each of its commands would be handled twice. */
function modulesListedTwice(modules: readonly DomainModule[]): string[] {
  const handlers = modules.map(({ commandHandler }) => commandHandler);
  return modules
    .filter(({ commandHandler }, place) => handlers.indexOf(commandHandler) !== place)
    .map(
      ({ aggregate, commandHandler }) =>
        `${commandHandler.name} is listed twice, the second time for ${aggregate.type}. List each module once, each with a command handler of its own.`,
    );
}

function workflowsListedTwice(workflows: readonly WorkflowClass[]): string[] {
  return workflows
    .filter((workflow, place) => workflows.indexOf(workflow) !== place)
    .map(({ name }) => `The workflow ${name} is listed twice. Take one out.`);
}

function commandsOfOneName(modules: readonly DomainModule[]): string[] {
  const known = new Map<string, CommandClass>();
  const problems: string[] = [];
  for (const command of new Set(commandClassesOf(modules))) {
    const other = known.get(command.type);
    if (other)
      problems.push(
        `Two command classes are saved as "${command.type}": ${nameOf(other)} and ${nameOf(command)}. Give one of them another name in its commands.ts.`,
      );
    known.set(command.type, command);
  }
  return problems;
}

function erasuresOfOneKind(modules: readonly DomainModule[]): string[] {
  const kinds = modules.flatMap(({ erasure }) => erasure?.kind ?? []);
  return kinds
    .filter((kind, place) => kinds.indexOf(kind) !== place)
    .map((kind) => `Two modules have an erasure of the kind "${kind}". Give one of them another kind.`);
}

function commandsNobodyTakes(modules: readonly DomainModule[]): string[] {
  const taken = modules.flatMap(({ commandHandler }) => commandsOf(commandHandler));
  return modules.flatMap(({ commands, commandHandler }) =>
    commandClassesIn(commands)
      .filter((command) => !taken.some((one) => isOne(command, one)))
      .map(
        ({ type }) =>
          `No command handler takes ${type}. Add on(${type}, …) to ${commandHandler.name}, or take ${type} out of commands.ts.`,
      ),
  );
}

function commandsNotListed(modules: readonly DomainModule[]): string[] {
  const listed = commandClassesOf(modules);
  return modules.flatMap(({ commandHandler }) =>
    commandsOf(commandHandler)
      .filter((command) => !listed.some((one) => isOne(one, command)))
      .map(
        ({ type }) =>
          `${commandHandler.name} takes ${type}, which is not listed. Export it from the commands.ts of a module.`,
      ),
  );
}

function eventsNotListed(wiring: Wiring): string[] {
  const listed = eventClassesOf(wiring.modules);
  return eventTakers(wiring).flatMap(({ name, takes }) =>
    takes
      .filter((event) => event !== anyEvent && !listed.some((one) => isOne(one, event)))
      .map(
        ({ type }) =>
          `${name} takes ${type}, which is not listed. Export it from the events.ts of a module, and list that module.`,
      ),
  );
}

function referencesToNothing(modules: readonly DomainModule[]): string[] {
  const types = modules.map(({ aggregate }) => aggregate.type);
  const declarations = modules.flatMap(({ aggregate, commands, events }) => [
    ...commandClassesIn(commands).map((each) => ({ each, file: "commands.ts" })),
    ...messageClassesIn<EventClass>(events, BaseEvent).map((each) => ({ each, file: "events.ts" })),
    { each: aggregate, file: "file" },
  ]);
  return declarations.flatMap(({ each, file }) =>
    referencesIn(each.attributes ?? {}) // an aggregate without a name has none: it is refused above

      .filter(({ aggregateType }) => !types.includes(aggregateType))
      .map(
        ({ path, aggregateType }) =>
          `${each.type}.${path} is a reference to "${aggregateType}", which is the aggregate of no module. Correct it in its ${file}, or list the module of ${aggregateType}.`,
      ),
  );
}

interface Taker {
  readonly name: string;
  readonly takes: readonly MessageClass[];
}

/** Makes the handlers only to read what they take. None of them runs. */
function eventTakers({ modules, projectors, workflows }: Wiring): Taker[] {
  const noContext = { executeCommands() {}, afterCommit() {} };
  return [
    ...modules.map(({ aggregate }) => taker(nameOf(aggregate), new aggregate(""))),
    ...projectors.map((each) => taker(each.savedName, new each({} as Persistor))),
    ...workflows.map((each) => taker(each.name, new each(noContext))),
  ];
}

function taker(name: string, { handlers }: { readonly handlers: readonly Handler[] }): Taker {
  return { name, takes: messagesOf(handlers, BaseEvent) };
}

function commandsOf(commandHandler: DomainModule["commandHandler"]): MessageClass[] {
  return messagesOf(new commandHandler(new AggregateRepository({} as EventStore)).handlers, BaseCommand);
}

/** The classes of one kind: an aggregate takes snapshots, too. */
function messagesOf(
  handlers: readonly Handler[],
  base: typeof BaseEvent | typeof BaseCommand,
): MessageClass[] {
  const classes = handlers.flatMap(({ messageClasses }) => messageClasses);
  const isOfKind = ({ prototype }: MessageClass) => prototype instanceof base || prototype === base.prototype;
  return [...new Set(classes.filter(isOfKind))];
}

const commandClassesOf = (modules: readonly DomainModule[]) =>
  modules.flatMap(({ commands }) => commandClassesIn(commands));

const eventClassesOf = (modules: readonly DomainModule[]) =>
  modules.flatMap(({ events }) => messageClassesIn<EventClass>(events, BaseEvent));

/** A handler of a class also takes messages of classes that extend it. */
function isOne({ prototype }: MessageClass, taken: MessageClass): boolean {
  return prototype === taken.prototype || prototype instanceof taken;
}

function nameOf(named: object): string {
  return (named as { name: string }).name;
}

function problemsOf(check: () => unknown): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof NotWired) return error.problems;
    if (error instanceof TypeError) return [error.message];
    throw error;
  }
}
