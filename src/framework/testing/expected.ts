import { AssertionError, deepStrictEqual } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../attributes/attribute.ts";
import { derivedId } from "../attributes/ids.ts";
import { BaseCommand } from "../messages/base-command.ts";
import { type MessageClass, MessagePattern } from "../messages/message.ts";

/** A message with its values; a pattern, where only some of them matter; its class, where none do. */
export type Expected<Message> = Message | MessageClass<Message> | MessagePattern<Message>;

interface Message {
  readonly class: { readonly type: string };
  readonly aggregateId: string;
  toJson(): JsonObject;
}

/** A message as it stands in a diff: its name, and as many of its values as are compared. */
type Shown = readonly [name: string, values?: object];

interface Wanted<M> {
  readonly shown: Shown;
  isOf(message: M): boolean;
  /** A message of this class, with the values that are compared. */
  showLike(message: M): Shown;
}

/** All of them, in this order. */
export function expectMessages<M extends Message>(
  actual: readonly M[],
  expected: readonly Expected<M>[],
): void {
  const wanted = expected.map(wantedOf);
  deepStrictEqual(
    actual.map((message, place) => shownLike(message, [...wanted.slice(place), ...wanted])),
    wanted.map(({ shown }) => shown),
  );
}

/** These, each one once, in any order and whatever else there is. */
export function expectAmong<M extends Message>(actual: readonly M[], expected: readonly Expected<M>[]): void {
  const all = expected.map(wantedOf);
  if (areAmong(all, actual)) return;
  const missing = all.filter((each) => !actual.some((message) => fits(message, each)));
  const wanted = missing.length > 0 ? missing : all;
  throw new AssertionError({
    message: [
      missing.length > 0 ? "Not among what happened:" : "Each of these is to have happened once:",
      ...wanted.map(({ shown }) => line(shown)),
      "What happened:",
      ...actual.map((message) => line(whole(message))),
    ].join("\n  "),
    actual: actual
      .filter((message) => wanted.some((each) => each.isOf(message)))
      .map((message) => shownLike(message, wanted)),
    expected: wanted.map(({ shown }) => shown),
  });
}

function wantedOf<M extends Message>(expected: Expected<M>): Wanted<M> {
  if (typeof expected === "function") {
    const shown: Shown = [expected.type];
    return { shown, isOf: (message) => message instanceof expected, showLike: () => shown };
  }
  if (!(expected instanceof MessagePattern)) {
    const { class: messageClass } = expected;
    const isOf = (message: M) => message.class === messageClass;
    return { shown: whole(expected), isOf, showLike: (message) => whole(message, expected) };
  }
  const { messageClass, values } = expected;
  const showLike = (message: object): Shown => {
    const held = Object.keys(values).map((each) => [each, Reflect.get(message, each)]);
    return [messageClass.type, Object.fromEntries(held)];
  };
  return { shown: [messageClass.type, values], isOf: (message) => message instanceof messageClass, showLike };
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

/** Shows only what is compared with the first that is of the same class, so that a diff is short. */
function shownLike<M extends Message>(message: M, wanted: readonly Wanted<M>[]): Shown {
  return wanted.find((each) => each.isOf(message))?.showLike(message) ?? whole(message);
}

/** If the id of an aggregate follows from that of the command, nobody can expect it. */
function whole(message: Message, expected: Message = message): Shown {
  const isDerived = expected instanceof BaseCommand && expected.aggregateId === derivedId(expected.commandId);
  return [
    message.class.type,
    { aggregateId: isDerived ? "its own" : message.aggregateId, ...message.toJson() },
  ];
}

function line(shown: Shown): string {
  return inspect(shown, { breakLength: Number.POSITIVE_INFINITY, depth: 5 });
}
