import { AssertionError, deepStrictEqual } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../attributes/attribute.ts";
import { derivedId } from "../attributes/ids.ts";
import { BaseCommand } from "../messages/base-command.ts";
import type { MessageClass } from "../messages/message.ts";
import { MessagePattern } from "../messages/message.ts";

/** A message with its values; a pattern, where only some of them matter; its class, where none do. */
export type Expected<Message> = Message | MessageClass<Message> | MessagePattern<Message>;

interface Message {
  readonly class: { readonly type: string };
  readonly aggregateId: string;
  toJson(): JsonObject;
}

/** A message as it stands in a diff: its name, and as many of its values as are compared. */
type Shown = readonly [name: string, values?: object];

/** All of them, in this order. */
export function expectMessages<M extends Message>(
  actual: readonly M[],
  expected: readonly Expected<M>[],
): void {
  deepStrictEqual(
    actual.map((message, place) => shownLike(message, likenessOf(message, expected, place))),
    expected.map(shown),
  );
}

/** These, each one once, in any order and whatever else there is. */
export function expectAmong<M extends Message>(actual: readonly M[], expected: readonly Expected<M>[]): void {
  if (isAmong(expected, actual)) return;
  const missing = expected.filter((each) => !actual.some((message) => fits(message, each)));
  const wanted = missing.length > 0 ? missing : expected;
  throw new AssertionError({
    message: [
      missing.length > 0 ? "Not among what happened:" : "Each of these is to have happened once:",
      ...wanted.map((each) => line(shown(each))),
      "What happened:",
      ...actual.map((message) => line(whole(message))),
    ].join("\n  "),
    actual: actual
      .filter((message) => wanted.some((each) => isOf(message, each)))
      .map((message) => shownLike(message, likenessOf(message, wanted))),
    expected: wanted.map(shown),
  });
}

function isAmong<M extends Message>(
  [first, ...others]: readonly Expected<M>[],
  actual: readonly M[],
): boolean {
  if (first === undefined) return true;
  return actual.some((message, place) => fits(message, first) && isAmong(others, actual.toSpliced(place, 1)));
}

function fits<M extends Message>(message: M, expected: Expected<M>): boolean {
  return isDeepStrictEqual(shownLike(message, expected), shown(expected));
}

/** What a message is compared with, or, where that is of another class, whom it resembles: so that a diff is short. */
function likenessOf<M extends Message>(
  message: M,
  expected: readonly Expected<M>[],
  place = 0,
): Expected<M> | undefined {
  return [...expected.slice(place), ...expected].find((each) => isOf(message, each));
}

function isOf<M extends Message>(message: M, expected: Expected<M>): boolean {
  if (isClass(expected)) return message instanceof expected;
  if (expected instanceof MessagePattern) return message instanceof expected.messageClass;
  return message.class === expected.class;
}

function shown<M extends Message>(expected: Expected<M>): Shown {
  if (isClass(expected)) return [nameOf(expected)];
  if (expected instanceof MessagePattern) return [nameOf(expected.messageClass), expected.values];
  return whole(expected);
}

function shownLike<M extends Message>(message: M, expected: Expected<M> | undefined): Shown {
  if (expected === undefined || !isOf(message, expected)) return whole(message);
  if (isClass(expected)) return [nameOf(expected)];
  if (!(expected instanceof MessagePattern)) return whole(message, expected);
  const values = message as Readonly<Record<string, unknown>>;
  const names = Object.keys(expected.values);
  return [nameOf(expected.messageClass), Object.fromEntries(names.map((name) => [name, values[name]]))];
}

function whole(message: Message, expected: Message = message): Shown {
  const aggregateId = hasDerivedId(expected) ? "its own" : message.aggregateId;
  return [message.class.type, { aggregateId, ...message.toJson() }];
}

/** Then it is as new as the id of the command itself, and nobody can expect it. */
function hasDerivedId(message: Message): boolean {
  return message instanceof BaseCommand && message.aggregateId === derivedId(message.commandId);
}

function isClass<M extends Message>(expected: Expected<M>): expected is MessageClass<M> {
  return typeof expected === "function";
}

/** Any event has no name. */
function nameOf({ type }: { readonly type?: string }): string {
  return type ?? "any event";
}

function line(shown: Shown): string {
  return inspect(shown, { breakLength: Number.POSITIVE_INFINITY, depth: 5 });
}
