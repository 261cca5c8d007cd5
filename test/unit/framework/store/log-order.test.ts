import { describe, expect, test, vi } from "vitest";
import { type BaseEvent, CreationCommand, Event, string } from "#sequent";
import {
  EventTypes,
  emptyUnit,
  newId,
  PostgresEventStore,
  RecordedLog,
  type UnitOfWork,
} from "#sequent/operations";
import { untilSettled } from "../../../support/late-commits.ts";
import { useShop } from "../../../support/shop.ts";

const context = useShop();

class Happened extends Event("Happened", { text: string() }) {}
class Do extends CreationCommand("Do") {}

const eventTypes = new EventTypes([{ Happened }]);
const happened = (aggregateId: string, sequenceNumber: number) =>
  new Happened({ aggregateId, sequenceNumber, createdAt: new Date(), text: `${sequenceNumber}` });
const executed = (...events: BaseEvent[]) => ({ command: new Do({}), cause: undefined, events });

async function store(...commands: UnitOfWork["commands"]): Promise<void> {
  const events = commands.flatMap((command) => command.events);
  const first = events.filter(({ sequenceNumber }) => sequenceNumber === 1);
  const newAggregates = first.map(({ aggregateId }) => ({ aggregateId, aggregateType: "Thing" }));
  await new PostgresEventStore(context.database.write, eventTypes).store(async () => ({
    ...emptyUnit,
    commands,
    newAggregates,
  }));
}

/** The log, read in pages. Running transactions of others can hold events back for a while. */
async function readLog(count: number, limit = 1_000, after?: string) {
  const log = new RecordedLog(context.database.read, eventTypes);
  return vi.waitFor(async () => {
    const read: Awaited<ReturnType<RecordedLog["after"]>> = [];
    for (let position = after; ; position = read.at(-1)?.position) {
      const page = await log.after(position, limit, { isSettled: true });
      read.push(...page);
      if (page.length < limit) break;
    }
    expect(read).toHaveLength(count);
    return read;
  }, untilSettled);
}

const inShort = (read: Awaited<ReturnType<typeof readLog>>) =>
  read.map(({ aggregateId, sequenceNumber, commandId }) => [aggregateId, sequenceNumber, commandId]);

describe("the log", () => {
  test("has every event, in the order in which the units were stored", async () => {
    const [one, other] = [newId(), newId()];
    const units = [
      executed(happened(one, 1), happened(one, 2)),
      executed(happened(other, 1)),
      executed(happened(one, 3)),
    ];
    for (const unit of units) await store(unit);
    expect(
      (await readLog(4)).map(({ aggregateId, sequenceNumber }) => [aggregateId, sequenceNumber]),
    ).toEqual([
      [one, 1],
      [one, 2],
      [other, 1],
      [one, 3],
    ]);
  });

  test("has the events of one unit in the order in which they happened, each with its command", async () => {
    const [one, other] = [newId(), newId()];
    const commands = [
      executed(happened(other, 1), happened(one, 1), happened(other, 2)),
      executed(happened(one, 2)),
      executed(happened(other, 3)),
    ];
    await store(...commands);
    expect(inShort(await readLog(5))).toEqual(
      commands.flatMap(({ command, events }) =>
        events.map(({ aggregateId, sequenceNumber }) => [aggregateId, sequenceNumber, command.commandId]),
      ),
    );
  });

  test("names the user and the cause of each event", async () => {
    const [one, other] = [newId(), newId()];
    const cause = { aggregateId: one, sequenceNumber: 1 };
    const asked = new Do({ userId: "ben", metadata: { requestId: "7" } });
    const caused = new Do({});
    await store(
      { command: asked, cause: undefined, events: [happened(one, 1)] },
      { command: caused, cause, events: [happened(other, 1)] },
    );
    expect(await readLog(2)).toMatchObject([
      { commandId: asked.commandId, userId: "ben", cause: undefined, metadata: { requestId: "7" } },
      { commandId: caused.commandId, userId: undefined, cause, metadata: undefined },
    ]);
  });

  async function givenFive(): Promise<void> {
    const id = newId();
    await store(executed(happened(id, 1), happened(id, 2), happened(id, 3)));
    await store(executed(happened(id, 4), happened(id, 5)));
  }

  test("is the same if it is read page by page", async () => {
    await givenFive();
    const whole = await readLog(5);
    for (const limit of [1, 2, 5]) expect(await readLog(5, limit)).toEqual(whole);
  });

  test("continues after the position of any event", async () => {
    await givenFive();
    const whole = await readLog(5);
    for (const [index, { position }] of whole.entries())
      expect(await readLog(4 - index, 2, position)).toEqual(whole.slice(index + 1));
  });
});
