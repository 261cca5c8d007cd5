import { describe, expect, test } from "vitest";
import { newId, UniqueKeyBackfill } from "#sequent/operations";
import { useShop } from "../../../support/shop.ts";
import { Member, MemberBefore, memberEvents, membership, storedKeys } from "../support/members.ts";

const context = useShop();
const [ann, ben, cy] = [newId(), newId(), newId()].sort() as [string, string, string];

const set = (...args: Parameters<ReturnType<typeof membership>>) =>
  membership(context.database.write, MemberBefore)(...args);
const keys = () => storedKeys(context.database.write);
const backfill = (options: { dryRun?: boolean; batchSize?: number } = {}) =>
  new UniqueKeyBackfill({ knex: context.database.patient, eventTypes: memberEvents, ...options }).run([
    Member,
  ]);
const nothingLeft = { closed: 0, conflicts: [], busy: [] };

describe("after a class has changed its unique keys", () => {
  test.each([1, 2, 500])("all its aggregates get the new keys, in batches of %i", async (batchSize) => {
    await set(ann, "Ann");
    await set(ben, "Ben");
    await set(cy, "Cy");
    expect(await backfill({ batchSize })).toEqual({ aggregates: 3, changed: 3, ...nothingLeft });
    expect(await keys()).toEqual({ "nickname Ann": ann, "nickname Ben": ben, "nickname Cy": cy });
    expect(await backfill({ batchSize })).toEqual({ aggregates: 3, changed: 0, ...nothingLeft });
  });

  test("a conflict of two aggregates is reported, and the one that cannot have the key keeps its old keys", async () => {
    await set(ann, "Ann");
    await set(ben, "Ann");
    await set(cy, "Cy");
    const conflicts = [{ scope: "nickname", aggregateId: ben, takenBy: ann }];
    expect(await backfill()).toEqual({ aggregates: 3, changed: 2, closed: 0, conflicts, busy: [] });
    expect(await keys()).toEqual({ "nickname Ann": ann, [`club chess ${ben}`]: ben, "nickname Cy": cy });
  });

  test("a key that another aggregate frees can be taken, in any order", async () => {
    await set(ann, "Ann");
    await set(ben, "Ben");
    await context.database.write.raw("delete from sequent_schema.aggregate_unique_keys");
    await context.database.write.raw(
      "insert into sequent_schema.aggregate_unique_keys (scope, key, aggregate_id) values ('nickname', 'Ann', ?)",
      [ben],
    );
    expect(await backfill({ dryRun: true })).toEqual({ aggregates: 2, changed: 2, ...nothingLeft });
    expect(await backfill()).toEqual({ aggregates: 2, changed: 2, ...nothingLeft });
    expect(await keys()).toEqual({ "nickname Ann": ann, "nickname Ben": ben });
  });

  test("aggregates that it calls closed are closed, once", async () => {
    class Alumnus extends MemberBefore {
      override get isClosed(): boolean {
        return this.state.club === "";
      }
    }
    await set(ann, "Ann");
    await set(ben, "Ben", "");
    const closing = (dryRun = false) =>
      new UniqueKeyBackfill({ knex: context.database.patient, eventTypes: memberEvents, dryRun }).run([
        Alumnus,
      ]);
    const closed = () =>
      context.database.read("sequent_schema.aggregates").where({ is_closed: true }).pluck("aggregate_id");

    expect(await closing(true)).toMatchObject({ aggregates: 2, closed: 1 });
    expect(await closed()).toEqual([]);
    expect(await closing()).toMatchObject({ aggregates: 2, changed: 0, closed: 1 });
    expect(await closed()).toEqual([ben]);
    expect(await closing()).toMatchObject({ closed: 0 });
  });

  test.each([1, 500])(
    "a dry run reports the same and changes nothing, in batches of %i",
    async (batchSize) => {
      await set(ann, "Ann");
      await set(ben, "Ann");
      await set(cy, "Cy");
      const before = await keys();
      const told = await backfill({ dryRun: true, batchSize });
      expect(await keys()).toEqual(before);
      expect(told).toEqual(await backfill({ batchSize }));
    },
  );
});
