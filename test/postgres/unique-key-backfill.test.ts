import { expect, test } from "vitest";
import { AggregateKeyNotUnique } from "#sequent";
import { newId, UniqueKeyBackfill } from "#sequent/operations";
import { useShop } from "../support/shop.ts";
import { until } from "../support/until.ts";
import {
  Member,
  MemberBefore,
  memberEvents,
  membership,
  storedKeys,
} from "../unit/framework/support/members.ts";

const context = useShop();
const backfill = () =>
  new UniqueKeyBackfill({ knex: context.database.patient, eventTypes: memberEvents, batchSize: 10 }).run([
    Member,
  ]);

test("a key that a writer is about to free does not come back", async () => {
  const { write } = context.database;
  const ann = newId();
  await membership(write, MemberBefore)(ann, "Ann");
  let backfilled: ReturnType<typeof backfill> | undefined;
  await write.transaction(async (transaction) => {
    const change = (key: string, taken: boolean) => ({ scope: "nickname", key, aggregate_id: ann, taken });
    const { rows } = await transaction.raw("select command_id from sequent_schema.commands");
    await transaction.raw(
      `insert into sequent_schema.events
         (aggregate_id, sequence_number, event_type, event_version, payload, command_id, created_at)
       values (?, 2, 'NicknameSet', 0, '{"nickname": "Anna", "club": "go"}', ?, now())`,
      [ann, rows[0].command_id],
    );
    await transaction.raw("select sequent_schema.change_unique_keys(?)", [
      JSON.stringify([change("Ann", false), change("Anna", true)]),
    ]);
    backfilled = backfill();
    backfilled.catch(() => {}); // heard below
    await until(async () => {
      const { rows } = await context.database.read.raw(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length === 1;
    });
  });
  expect(await backfilled).toMatchObject({ changed: 1, conflicts: [], busy: [] });
  expect(await storedKeys(write)).toEqual({ "nickname Anna": ann });
});

test("while many write, all aggregates get the new keys", async () => {
  const { write } = context.database;
  const ids = Array.from({ length: 60 }, () => newId());
  const before = membership(write, MemberBefore);
  for (const id of ids) await before(id, id);
  const set = membership(write, Member);
  const nicknames = new Map(ids.map((id) => [id, id]));
  let writing = true;
  const writers = [0, 1, 2, 3].map(async (writer) => {
    for (let round = 0; writing; round += 1) {
      const id = ids[(round * 4 + writer) % ids.length] ?? "";
      const nickname = `${id} ${round % 3}`;
      await set(id, nickname).then(
        () => nicknames.set(id, nickname),
        (error) => expect(error).toBeInstanceOf(AggregateKeyNotUnique),
      );
    }
  });
  for (let round = 0; round < 5; round += 1) expect((await backfill()).conflicts).toEqual([]);
  writing = false;
  await Promise.all(writers);
  expect(await backfill()).toMatchObject({ changed: 0, conflicts: [] });
  const wanted = [...nicknames].map(([id, nickname]) => [`nickname ${nickname}`, id]);
  expect(await storedKeys(write)).toEqual(Object.fromEntries(wanted));
});
