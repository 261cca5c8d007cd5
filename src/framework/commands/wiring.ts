import { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import { referencesIn } from "../attributes/references.ts";
import { NotWired } from "../errors/not-wired.ts";
import { BaseCommand, type CommandClass } from "../messages/base-command.ts";
import { anyEvent, BaseEvent, type EventClass } from "../messages/event.ts";
import { EventTypes } from "../messages/event-types.ts";
import { type MessageClass, messageClassesIn } from "../messages/message.ts";
import type { Handler } from "../messages/message-handler.ts";
import { checkProjectors } from "../projections/check-projectors.ts";
import { nowhere } from "../projections/persistor.ts";
import type { ProjectorClass } from "../projections/projector.ts";
import { InMemoryEventStore } from "../store/memory/in-memory-event-store.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { commandClassesIn, type DomainModule } from "./domain-module.ts";
import type { WorkflowClass } from "./workflow.ts";

export interface Wiring {
  readonly modules: readonly DomainModule[];
  readonly projectors: readonly ProjectorClass[];
  readonly workflows: readonly WorkflowClass[];
  readonly subscriptions?: readonly Subscription[];
}

/** Finds mistakes at the start that would fail later, or do something wrong without an error. */
export function checkWiring(wiring: Wiring): void {
  const problems = wiringProblems(wiring);
  if (problems.length > 0) throw new NotWired(problems);
}

/** Each with the file to change. */
export function wiringProblems(wiring: Wiring): string[] {
  const { modules, projectors } = wiring;
  return [
    ...listedTwice(wiring),
    ...sameNames(wiring),
    ...problemsOf(() => new EventTypes(modules.map(({ events }) => events))),
    ...problemsOf(() => checkProjectors(projectors)),
    ...commandsNobodyTakes(modules),
    ...notListed(commandTakers(modules), commandClassesOf(modules), "commands.ts of a module."),
    ...notListed(
      eventTakers(wiring),
      eventClassesOf(modules),
      "events.ts of a module, and list that module.",
    ),
    ...referencesToNothing(modules),
    ...subscriptionProblems(wiring),
  ];
}

/** Only a warning: an event may be stored for later use. */
export function eventsNobodyTakes(wiring: Wiring): EventClass[] {
  const taken = eventTakers(wiring).flatMap(({ takes }) => takes);
  return eventClassesOf(wiring.modules).filter((each) => !taken.some((one) => isOne(each, one)));
}

/** It would act twice. */
function listedTwice({ modules, workflows }: Wiring): string[] {
  const twice = repeated(modules, ({ commandHandler }) => commandHandler);
  return [
    ...twice.map(
      ([{ aggregate, commandHandler }]) =>
        `${commandHandler.name} is listed twice, the second time for ${aggregate.type}. List each module once, each with a command handler of its own.`,
    ),
    ...repeated(workflows, (each) => each).map(
      ([{ name }]) => `The workflow ${name} is listed twice. Take one out.`,
    ),
  ];
}

/** Of two classes with one name, each would read what the other stored. */
function sameNames({ modules, workflows }: Wiring): string[] {
  const aggregates = [...new Set(modules.map(({ aggregate }) => aggregate))];
  const commands = [...new Set(commandClassesOf(modules))];
  const erasures = modules.flatMap(({ erasure }) => erasure ?? []);
  const listed = [...new Set(workflows)];
  const isNamed = ({ type }: { type: unknown }) => typeof type === "string";
  const isSaved = ({ savedName }: { savedName: unknown }) => typeof savedName === "string";
  return [
    ...aggregates
      .filter((each) => !isNamed(each))
      .map(
        ({ name }) =>
          `${name} has no saved name. Write: class ${name} extends AggregateRoot("${name}", { … })`,
      ),
    ...repeated(aggregates.filter(isNamed), ({ type }) => type).map(
      ([{ name, type }, other]) =>
        `Two aggregate classes are saved as "${type}": ${other.name} and ${name}. Give one of them another name.`,
    ),
    ...listed
      .filter((each) => !isSaved(each))
      .map(({ name }) => `${name} has no saved name. Write: class ${name} extends Workflow("${name}")`),
    ...repeated(listed.filter(isSaved), ({ savedName }) => savedName).map(
      ([{ name, savedName }, other]) =>
        `Two workflow classes are saved as "${savedName}": ${other.name} and ${name}. Give one of them another name.`,
    ),
    ...repeated(commands, ({ type }) => type).map(
      ([{ name, type }, other]) =>
        `Two command classes are saved as "${type}": ${other.name} and ${name}. Give one of them another name in its commands.ts.`,
    ),
    ...repeated(erasures, ({ kind }) => kind).map(
      ([{ kind }]) => `Two modules have an erasure of the kind "${kind}". Give one of them another kind.`,
    ),
  ];
}

/** Two with one name would share one position. */
function subscriptionProblems({ subscriptions = [] }: Wiring): string[] {
  const classes = subscriptions.map((each) => each.class);
  const isNamed = ({ savedName }: { savedName: unknown }) => typeof savedName === "string";
  return [
    ...classes
      .filter((each) => !isNamed(each))
      .map(
        ({ name }) =>
          `${name} has no saved name. Write: class ${name} extends Subscription("${name}", { from: "now" })`,
      ),
    ...repeated(classes.filter(isNamed), ({ savedName }) => savedName).map(([{ name, savedName }, other]) =>
      name === other.name
        ? `The subscription ${name} is listed twice. Take one out.`
        : `Two subscription classes are saved as "${savedName}": ${other.name} and ${name}. Give one of them another name.`,
    ),
    ...subscriptions
      .filter(({ handlers, page }) => (handlers === undefined) === (page === undefined))
      .map(({ class: { name } }) => `${name} needs either handlers or page.`),
  ];
}

function commandsNobodyTakes(modules: readonly DomainModule[]): string[] {
  const taken = commandTakers(modules).flatMap(({ takes }) => takes);
  return modules.flatMap(({ commands, commandHandler }) =>
    commandClassesIn(commands)
      .filter((command) => !taken.some((one) => isOne(command, one)))
      .map(
        ({ type }) =>
          `No command handler takes ${type}. Add on(${type}, …) to ${commandHandler.name}, or take ${type} out of commands.ts.`,
      ),
  );
}

function notListed(takers: readonly Taker[], listed: readonly MessageClass[], where: string): string[] {
  return takers.flatMap(({ name, takes }) =>
    takes
      .filter((message) => message !== anyEvent && !listed.some((one) => isOne(one, message)))
      .map(({ type }) => `${name} takes ${type}, which is not listed. Export it from the ${where}`),
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
function commandTakers(modules: readonly DomainModule[]): Taker[] {
  const repository = new AggregateRepository(new InMemoryEventStore(new EventTypes([])));
  return modules.map(({ commandHandler }) =>
    taker(commandHandler.name, new commandHandler(repository), BaseCommand),
  );
}

function eventTakers({ modules, projectors, workflows, subscriptions = [] }: Wiring): Taker[] {
  const noContext = { executeCommands() {}, afterCommit() {} };
  return [
    ...modules.map(({ aggregate }) => taker(aggregate.name, new aggregate(""), BaseEvent)),
    ...projectors.map((each) => taker(each.savedName, new each(nowhere), BaseEvent)),
    ...workflows.map((each) => taker(each.name, new each(noContext), BaseEvent)),
    ...subscriptions.map((each) => taker(each.class.name, each, BaseEvent)),
  ];
}

function taker(
  name: string,
  { handlers = [] }: { readonly handlers?: readonly Pick<Handler, "messageClasses">[] },
  base: typeof BaseEvent | typeof BaseCommand,
): Taker {
  const classes = handlers.flatMap(({ messageClasses }) => messageClasses);
  const isOfKind = ({ prototype }: MessageClass) => prototype instanceof base || prototype === base.prototype;
  return { name, takes: [...new Set(classes.filter(isOfKind))] };
}

const commandClassesOf = (modules: readonly DomainModule[]): CommandClass[] =>
  modules.flatMap(({ commands }) => commandClassesIn(commands));

const eventClassesOf = (modules: readonly DomainModule[]) =>
  modules.flatMap(({ events }) => messageClassesIn<EventClass>(events, BaseEvent));

/** A handler of a class also takes messages of classes that extend it. */
function isOne({ prototype }: MessageClass, taken: MessageClass): boolean {
  return prototype === taken.prototype || prototype instanceof taken;
}

/** Those with the key of another before them, and that one. */
function repeated<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): [Item, Item][] {
  const first = new Map<unknown, Item>();
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return items.flatMap((item, place) => {
    const other = first.get(keyOf(item));
    return other !== undefined && items.indexOf(other) < place ? [[item, other]] : [];
  });
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
