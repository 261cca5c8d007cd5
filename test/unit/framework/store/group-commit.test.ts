import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { emptyUnit, newId } from "#sequent/operations";
import type { UnitOfWork } from "../../../../src/framework/store/event-store.ts";
import type { PostgresConnections } from "../../../../src/framework/store/postgres/connections.ts";
import { GroupCommit } from "../../../../src/framework/store/postgres/group-commit.ts";
import { ChangeOrder } from "../../../fixtures/shop/order/commands.ts";
import { OrderAddressChanged } from "../../../fixtures/shop/order/events.ts";

interface Sent {
  readonly units: number;
  readonly text: string;
  readonly answer: () => Promise<void>;
  readonly refuse: (code: string) => Promise<void>;
}

let groupCommit: GroupCommit;
let sent: Sent[];

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  const query = ({ text, values }: { text: string; values: string[] }) =>
    new Promise((resolve, reject) => {
      const answer = async () => {
        resolve({ rows: [], command: "SELECT" });
        await vi.advanceTimersByTimeAsync(0);
      };
      const refuse = async (code: string) => {
        reject(Object.assign(new pg.DatabaseError("refused", 0, "error"), { code }));
        await vi.advanceTimersByTimeAsync(0);
      };
      sent.push({ units: JSON.parse(values[0] ?? "").length, text, answer, refuse });
    });
  const connections = { use: (work: (connection: object) => unknown) => work({ query }) };
  groupCommit = new GroupCommit(connections as unknown as PostgresConnections);
});

afterEach(() => {
  vi.useRealTimers();
});

test("Up to four units are sent at once, and later ones together, when one of the four has ended", async () => {
  const stored = [1, 2, 3, 4, 5, 6, 7].map(() => store());
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1]);

  await sent[0]?.answer();
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 3]);

  await Promise.all(sent.map(({ answer }) => answer()));
  await Promise.all(stored);
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 3]);
});

test("Units that wait behind a lock are sent after ten milliseconds, and later ones after ten more", async () => {
  for (let count = 1; count <= 5; count += 1) void store();
  await vi.advanceTimersByTimeAsync(9);
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 1]);

  void store();
  void store();
  await vi.advanceTimersByTimeAsync(10);
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 1, 2]);
});

test("Units that touch the same aggregate are sent separately, as many at once as allowed", async () => {
  const aggregateId = newId();
  for (let count = 1; count <= 4 + 6; count += 1) void store();
  for (let count = 1; count <= 4; count += 1) void store(aggregateId);
  await Promise.all(sent.slice(0, 4).map(({ answer }) => answer()));
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 7]);

  await sent[4]?.answer();
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 7, 1, 1, 1]);
});

test("A unit that closes an aggregate is sent alone, because another unit may refer to the aggregate", async () => {
  for (let count = 1; count <= 4; count += 1) void store();
  void store();
  void store();
  void store(newId(), [newId()]);
  void store();
  await Promise.all(sent.slice(0, 4).map(({ answer }) => answer()));
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 2, 1, 1]);
});

test("A group that meets a lock is sent again one by one, and only the unit that needs the lock waits", async () => {
  for (let count = 1; count <= 4; count += 1) void store();
  const needsLock = store();
  const others = [store(), store()];
  await Promise.all(sent.slice(0, 4).map(({ answer }) => answer()));
  await sent[4]?.refuse("55P03");
  expect(unitsOf(sent)).toEqual([1, 1, 1, 1, 3, 1, 1, 1]);
  expect(sent.map(({ text }) => text.includes("lock_timeout"))).toEqual(
    sent.map(({ units }) => units > 1), // alone, it waits as long as its connection allows
  );

  await Promise.all(sent.slice(6).map(({ answer }) => answer()));
  await Promise.all(others);
  for (let count = 1; count <= 3; count += 1) void store();
  expect(unitsOf(sent).slice(8)).toEqual([1, 1, 1]); // the unit that waits for the lock is the fourth one

  const refused = expect(needsLock).rejects.toMatchObject({ code: "55P03" });
  await sent[5]?.refuse("55P03");
  await refused;
});

function store(aggregateId = newId(), closed: string[] = []): Promise<void> {
  const command = new ChangeOrder({ aggregateId, address: "Here", note: "…" });
  const events = [OrderAddressChanged.of(aggregateId, { address: "Here" })];
  const unit: UnitOfWork = {
    ...emptyUnit,
    commands: [{ command, cause: undefined, events }],
    closed,
  };
  return groupCommit.store(unit, undefined);
}

function unitsOf(statements: readonly Sent[]): number[] {
  return statements.map(({ units }) => units);
}
