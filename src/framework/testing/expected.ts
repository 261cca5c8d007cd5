import { AssertionError } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../attributes/attribute.ts";
import { derivedId } from "../attributes/ids.ts";
import { BaseCommand } from "../messages/base-command.ts";
import { type MessageClass, MessagePattern } from "../messages/message.ts";

/** A message with all its values, a pattern with some of them, or only a class. */
export type Expected<Message> = Message | MessageClass<Message> | MessagePattern<Message>;

interface Message {
  readonly class: { readonly type: string };
  readonly aggregateId: string;
  toJson(): JsonObject;
}

/** A message in a diff: its name, and the compared values. */
type Shown = readonly [name: string, values?: object];

/** An expected message, and how to show another one next to it. */
interface Wanted<M> {
  readonly shown: Shown;
  isOf(message: M): boolean;
  showLike(message: M): Shown;
}

export function expectMessages<M extends Message>(
  actual: readonly M[],
  expected: readonly Expected<M>[],
): void {
  const wanted = expected.map(wantedOf);
  const shown = actual.map((message, place) => shownLike(message, [...wanted.slice(place), ...wanted]));
  const [was, should] = [namesOf(shown), namesOf(allShown(wanted))];
  const message =
    was === should ? `The values of ${was} are not as expected.` : `Expected ${should}, but got ${was}.`;
  expectEqual(shown, allShown(wanted), message);
}

/** The test runner shows how they differ. So the message does not. */
export function expectEqual(actual: unknown, expected: unknown, message: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new AssertionError({ message, actual, expected });
}

/** Lets a failure point at the line of the test, not at a line of the framework; also after it has waited. */
export function pointingAtTest<Then extends (...args: never[]) => unknown>(then: Then): Then {
  return function called(...args) {
    const place: { stack?: string } = {};
    Error.captureStackTrace(place, called);
    const pointing = (error: unknown): never => {
      if (error instanceof AssertionError)
        error.stack = place.stack?.replace(/^.*/, () => `${error.name}: ${error.message}`) ?? "";
      throw error;
    };
    try {
      const done = then(...args);
      return done instanceof Promise ? done.catch(pointing) : done;
    } catch (error) {
      return pointing(error);
    }
  } as Then;
}

/** Finds these messages, each once, in any order. There may be others. */
export function expectAmong<M extends Message>(actual: readonly M[], expected: readonly Expected<M>[]): void {
  const all = expected.map(wantedOf);
  if (areAmong(all, actual)) return;
  const missing = all.filter((each) => !actual.some((message) => fits(message, each)));
  const wanted = missing.length > 0 ? missing : all;
  const resembling = actual.filter((message) => wanted.some((each) => each.isOf(message)));
  throw new AssertionError({
    message: [
      missing.length > 0 ? "Not among what happened:" : "Each of these should have happened once:",
      ...allShown(wanted).map(line),
      "What happened:",
      ...actual.map((message) => line(whole(message))),
    ].join("\n  "),
    actual: resembling.map((message) => shownLike(message, wanted)),
    expected: allShown(wanted),
  });
}

function wantedOf<M extends Message>(expected: Expected<M>): Wanted<M> {
  if (typeof expected === "function") {
    const shown: Shown = [expected.type];
    return { shown, isOf: (message) => message instanceof expected, showLike: () => shown };
  }
  if (expected instanceof MessagePattern) {
    const { messageClass, values } = expected;
    const held = (message: object) => Object.keys(values).map((name) => [name, Reflect.get(message, name)]);
    return {
      shown: [messageClass.type, values],
      isOf: (message) => message instanceof messageClass,
      showLike: (message) => [messageClass.type, Object.fromEntries(held(message))],
    };
  }
  return {
    shown: whole(expected),
    isOf: (message) => message.class === expected.class,
    showLike: (message) => whole(message, expected),
  };
}

function areAmong<M>([first, ...others]: readonly Wanted<M>[], actual: readonly M[]): boolean {
  if (first === undefined) return true;
  return actual.some(
    (message, place) => fits(message, first) && areAmong(others, actual.toSpliced(place, 1)),
  );
}

function fits<M>(message: M, wanted: Wanted<M>): boolean {
  return wanted.isOf(message) && isDeepStrictEqual(wanted.showLike(message), wanted.shown);
}

/** Shows only the values that are compared with the first message of the same class, so the diff is short. */
function shownLike<M extends Message>(message: M, wanted: readonly Wanted<M>[]): Shown {
  return wanted.find((each) => each.isOf(message))?.showLike(message) ?? whole(message);
}

function allShown(wanted: readonly { readonly shown: Shown }[]): Shown[] {
  return wanted.map(({ shown }) => shown);
}

/** If the id of an aggregate is derived from the id of its command, no test can know it. */
function whole(message: Message, expected: Message = message): Shown {
  const isDerived = expected instanceof BaseCommand && expected.aggregateId === derivedId(expected.commandId);
  return [
    message.class.type,
    { aggregateId: isDerived ? "its own" : message.aggregateId, ...message.toJson() },
  ];
}

function namesOf(all: readonly Shown[]): string {
  return all.map(([name]) => name).join(", ") || "nothing";
}

function line(shown: Shown): string {
  return inspect(shown, { breakLength: Number.POSITIVE_INFINITY, depth: 5 });
}
