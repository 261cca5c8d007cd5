import { isDeepStrictEqual } from "node:util";
import { newId } from "../attributes/ids.ts";
import { fieldsOf } from "../attributes/serialization.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import { checkCommand } from "../messages/check-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import { EventTypes, storedEvent } from "../messages/event-types.ts";
import { deliver } from "../subscriptions/deliver.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { type Expected, expectEqual, expectMessages, pointingAtTest } from "./expected.ts";
import { type BeforeEach, SpecTime } from "./spec-time.ts";

interface SubscriptionSpecOptions {
  readonly beforeEach: BeforeEach;
  /** Makes the subscription, with parts that call `send` with whatever they send. */
  readonly subscription: (send: (what: object) => void) => Subscription;
}

export interface SubscriptionSpec {
  /** Sets the time of the events after it: `at("2026-11-20T09:00:00Z")`. */
  at(time: Date | string): void;
  /** Events that were handled before. What was sent because of them does not count. */
  given(...events: readonly BaseEvent[]): Promise<void>;
  /** Handles events, each once. Throws what a handler throws. */
  when(...events: readonly BaseEvent[]): Promise<void>;
  /** Compares everything that was sent since `when`, in order. Values that are left out do not matter. */
  thenSent(...expected: readonly object[]): void;
  /** Compares all commands since `when`, in order: see `workflowSpec`. */
  thenCommands(...expected: readonly Expected<BaseCommand>[]): void;
}

/**
 * The words for the specs of subscriptions:
 *
 *     const { given, when, thenSent } = subscriptionSpec({
 *       beforeEach,
 *       subscription: (send) => new WelcomeMails({ send: async (mail) => send(mail) }),
 *     });
 *
 *     test("a new author gets a mail", async () => {
 *       await when(AuthorAdded.of(author, { email: "ben@example.com" }));
 *       thenSent({ to: "ben@example.com", subject: "Welcome" });
 *     });
 */
export function subscriptionSpec({ beforeEach, subscription }: SubscriptionSpecOptions): SubscriptionSpec {
  let sent: object[] = [];
  let commands: BaseCommand[] = [];
  let time = new SpecTime();
  const begin = () => subscription((what) => void sent.push(what));
  let tested = begin();
  beforeEach(() => {
    sent = [];
    commands = [];
    time = new SpecTime();
    tested = begin();
    return () => {};
  });
  const commandService = {
    async executeBecauseOf(_: unknown, ...more: readonly BaseCommand[]) {
      for (const command of more) command.dateBy(time.now);
      commands.push(...more);
      for (const command of more) await checkCommand(command);
    },
  };
  const handle = async (events: readonly BaseEvent[]) => {
    for (const event of time.happened(events)) {
      const eventTypes = new EventTypes([{ [event.class.name]: event.class }]);
      const logged = {
        ...storedEvent(event),
        ...{ commandId: newId(), commandType: "", userId: undefined, cause: undefined, metadata: undefined },
        ...{ aggregateType: "", position: "" },
      };
      const attempt = { attempt: 1, signal: new AbortController().signal, noteWith: noDatabase };
      await deliver(logged, { subscription: tested, eventTypes, commandService }, attempt);
    }
  };
  return {
    at: (instant) => time.set(instant),
    async given(...events) {
      await handle(events);
      [sent, commands] = [[], []];
    },
    async when(...events) {
      [sent, commands] = [[], []];
      await handle(events);
    },
    thenSent: pointingAtTest((...expected) => {
      const shown = sent.map((each, place) => likeExpected(each, expected[place]));
      expectEqual(shown, expected, `${expected.length} sent was expected, and ${sent.length} was sent.`);
    }),
    thenCommands: pointingAtTest((...expected) => expectMessages(commands, expected)),
  };
}

/** Only the values that are compared, so the diff is short. */
function likeExpected(sent: object, expected: object | undefined): object {
  if (expected === undefined) return sent;
  const values = Object.keys(expected).map((name) => [name, fieldsOf(sent)[name]]);
  const like = Object.fromEntries(values);
  return isDeepStrictEqual(like, expected) ? expected : like;
}

async function noDatabase(): Promise<never> {
  throw new TypeError("A spec has no database: test a subscription that uses inTransaction on a real one.");
}
