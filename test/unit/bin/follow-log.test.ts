import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newId, RecordedLog } from "#sequent/operations";
import { followLog } from "../../../src/bin/follow-log.ts";
import { eventTypes } from "../../fixtures/shop/shop.ts";
import { customer, useShop } from "../../support/shop.ts";

const context = useShop();
const raw = (sql: string) => context.database.patient.raw(sql);
const patience = { timeout: 10_000 };

let shown: string[];
let said: string[];
let stop: AbortController;
let following: Promise<void>;

beforeEach(() => {
  [shown, said, stop] = [[], [], new AbortController()];
  following = followLog({
    log: new RecordedLog(context.database.read, eventTypes),
    after: undefined,
    aggregateId: undefined,
    show: ({ aggregateId, type }) => void shown.push(`${type} ${aggregateId}`),
    say: (message) => void said.push(message),
    signal: stop.signal,
  });
});

afterEach(async () => {
  stop.abort();
  await following;
});

async function added(): Promise<string> {
  const command = customer({ email: `${newId()}@example.com` });
  await context.shop.commandService.executeCommands(command);
  return command.aggregateId;
}

const untilShown = (id: string) =>
  vi.waitFor(() => expect(shown).toContain(`CustomerEmailSet ${id}`), patience);

test("a follower of the log gets one message that it cannot be read, and each event once", async () => {
  const [before, after] = [await added(), newId()];
  await untilShown(before);
  await raw("alter table sequent_schema.events rename to away");
  await vi.waitFor(() => expect(said).toHaveLength(1), patience);
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // it tries again meanwhile
  await raw("alter table sequent_schema.away rename to events");
  await context.shop.commandService.executeCommands(customer({ aggregateId: after }));
  await untilShown(after);
  await vi.waitFor(() => expect(said).toHaveLength(2), patience);
  expect(said).toEqual([
    expect.stringMatching(/^The events cannot be read \(relation .* does not exist\)\. Trying again …$/),
    "The events can be read again.",
  ]);
  expect(shown).toHaveLength(6);
});

test("a follower of a log that is replaced by another one gets all events of the new one", async () => {
  const id = await added();
  await untilShown(id);
  await raw("alter table sequent_schema.events rename to away");
  await vi.waitFor(() => expect(said).toHaveLength(1), patience);
  // The events of a server whose counter is behind that of the first.
  await context.database.patient.transaction((transaction) =>
    transaction.raw(
      `alter table sequent_schema.away rename to events;
       alter table sequent_schema.events disable trigger user;
       update sequent_schema.events set xact_id = '3';
       alter table sequent_schema.events enable trigger user`,
    ),
  );
  await vi.waitFor(() => expect(shown).toHaveLength(6), patience);
  expect(said).toContain("Another log has taken its place. All of its events follow.");
});

test("a follower can stop in the middle of many events", async () => {
  stop.abort();
  await following;
  const id = await added();
  const some: string[] = [];
  const ending = new AbortController();
  await followLog({
    log: new RecordedLog(context.database.read, eventTypes),
    after: undefined,
    aggregateId: id,
    show: ({ type }) => {
      some.push(type);
      ending.abort();
    },
    say: () => {},
    signal: ending.signal,
  });
  expect(some).toEqual(["CustomerAdded"]);
});
