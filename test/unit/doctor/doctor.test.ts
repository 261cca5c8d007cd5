import { beforeEach, describe, expect, test } from "vitest";
import { Command, Event, Subscription } from "#sequent";
import { newId, Replay, storeFacts } from "#sequent/operations";
import { examine } from "../../../src/doctor/examine.ts";
import type { Patient } from "../../../src/doctor/finding.ts";
import { EraseCustomer } from "../../fixtures/shop/customer/commands.ts";
import { CustomerAdded } from "../../fixtures/shop/customer/events.ts";
import { customer } from "../../fixtures/shop/customer/index.ts";
import { order } from "../../fixtures/shop/order/index.ts";
import { eventTypes, modules, projectors } from "../../fixtures/shop/shop.ts";
import { CustomerProjector } from "../../fixtures/shop/views/customer-projector.ts";
import { replayUntil } from "../../support/replay.ts";
import * as people from "../../support/shop.ts";
import { useShop } from "../../support/shop.ts";

const context = useShop();
const ben = newId();

beforeEach(async () => {
  await context.shop.commandService.executeCommands(people.customer({ aggregateId: ben }));
});

const raw = (sql: string) => context.database.patient.raw(sql);

/** The problems, as lines. */
async function complaints(changes: Partial<Patient> = {}): Promise<string[]> {
  const findings = await examine({
    knex: context.database.patient,
    isServer: false,
    ...{ modules, projectors, workflows: [], webRole: "nobody", patience: 60 },
    ...changes,
  });
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ level, check, what, mend }) => `${level} ${check}: ${what}${mend ? ` → ${mend}` : ""}`);
}

test("a new blog has no problems", async () => {
  expect(await complaints()).toEqual([]);
});

test("events that were stored without a command are no problem", async () => {
  const { eventStore } = context.shop;
  await storeFacts({ eventStore, modules, projectors }, [CustomerAdded.of(newId())]);
  expect(await complaints()).toEqual([]);
});

describe("the doctor finds a problem and says what to do", () => {
  test("a migration that has not run", async () => {
    await raw("create table kept as select * from knex_migrations");
    await raw("delete from knex_migrations where name like '002%'");
    try {
      const problem = "problem migrations: 002_rate_limits has not run → npm run migrate";
      expect(await complaints()).toEqual([problem]);
    } finally {
      await raw("insert into knex_migrations select * from kept where name like '002%'");
      await raw("drop table kept");
    }
  });

  test("tables of other migrations", async () => {
    const made = "obj_description('sequent_schema'::regnamespace, 'pg_namespace')";
    const { rows } = await raw(`select ${made} as was`);
    await raw("comment on schema sequent_schema is 'made of other files'");
    try {
      const [problem, ...others] = await complaints();
      expect(problem).toMatch(
        /^problem migrations: another version of the program made the database.* → keep it/,
      );
      expect(others).toEqual([]); // which would only report its consequences
    } finally {
      await raw(`comment on schema sequent_schema is '${rows[0].was}'`);
    }
  });

  test.each([
    [0, "problem views: CustomerProjector has no view yet → npm run replay -- CustomerProjector"],
    [
      2,
      "problem views: the view of CustomerProjector is older than this build (2 < 3) → npm run replay -- CustomerProjector",
    ],
    [
      4,
      "warning views: this build is older than the view of CustomerProjector (3 < 4): it leaves events to a newer build → " +
        "npm start with the newer build",
    ],
  ])("a view that version %i of its projector built", async (version, problem) => {
    const later = class extends CustomerProjector {
      static override readonly version: number = 3;
    };
    await raw(
      `update sequent_schema.projector_states set version = ${version} where projector = 'CustomerProjector'`,
    );
    try {
      expect(await complaints({ projectors: [later, ...projectors.slice(1)] })).toEqual([problem]);
    } finally {
      await raw(
        `update sequent_schema.projector_states set version = ${CustomerProjector.version} where projector = 'CustomerProjector'`,
      );
    }
  });

  test("a view with other columns than declared, and a view without a projector", async () => {
    await raw("alter table view_schema.customer_records add column motto text");
    try {
      expect(await complaints()).toEqual([
        "problem views: customer_records does not have the declared columns: raise the version of CustomerProjector → " +
          "npm run replay -- CustomerProjector",
      ]);
    } finally {
      await raw("alter table view_schema.customer_records drop column motto");
    }
    for (const change of ["shipped_orders type bigint", "name drop not null"]) {
      await raw(`alter table view_schema.customer_records alter column ${change}`);
      expect(await complaints()).toHaveLength(1);
      await raw(`alter table view_schema.customer_records
        alter column shipped_orders type integer, alter column name set not null`);
    }
    expect(await complaints()).toEqual([]);
    expect(await complaints({ projectors: projectors.slice(0, -1) })).toContain(
      "warning views: this build has no OrderRevisionProjector, and leaves events to one that has → " +
        "npm run migrate -- --forget OrderRevisionProjector, if no build has it any more",
    );
  });

  test("events that another build deferred", async () => {
    await raw(`insert into sequent_schema.deferred_events values ('CustomerProjector', '${ben}', 1)`);
    expect(await complaints()).toEqual([
      "warning views: 1 events wait for a program that has CustomerProjector in the version of its view",
    ]);
  });

  test("parts that do not fit together, as at the start", async () => {
    class Dance extends Command("Dance") {}
    expect(
      await complaints({ modules: [customer, { ...order, commands: { ...order.commands, Dance } }] }),
    ).toEqual([
      "problem handlers: No command handler takes Dance. Add on(Dance, …) to OrderCommandHandler, or take Dance out of commands.ts.",
    ]);
  });

  test("an event that nothing handles", async () => {
    class Danced extends Event("Danced") {}
    expect(
      await complaints({ modules: [customer, { ...order, events: { ...order.events, Danced } }] }),
    ).toEqual(["warning handlers: no aggregate, projector or workflow takes the event Danced"]);
  });

  test("stored messages without a class", async () => {
    const { CustomerAdded: _, ...events } = customer.events;
    const { AddCustomer: __, ...commands } = customer.commands;
    const found = await complaints({ modules: [{ ...customer, events, commands }, order] });
    expect(found).toEqual([
      expect.stringContaining(
        "problem handlers: CustomerCommandHandler takes AddCustomer, which is not listed.",
      ),
      expect.stringContaining(
        "problem handlers: CustomerProjector takes CustomerAdded, which is not listed.",
      ),
      expect.stringContaining("problem handlers: no class is known for the stored event CustomerAdded"),
      expect.stringContaining("warning handlers: no class is known for the stored command AddCustomer"),
    ]);
  });

  test("subscriptions that are late, paused, have parked something, or are not in this build", async () => {
    class Mails extends Subscription("Mails", { from: "now" }) {
      readonly page = () => {};
    }
    class Hooks extends Subscription("Hooks", { from: "now" }) {
      readonly page = () => {};
    }
    const subscriptions = [new Mails(), new Hooks()];
    await raw(
      `insert into sequent_schema.subscriptions (name, version, epoch, xact_id, position, paused)
       values ('Hooks', 1, 0, '0', 0, 'by hand'), ('Mails', 1, 0, '0', 0, null), ('Old', 1, 0, '0', 0, null)`,
    );
    await raw(
      `insert into sequent_schema.parked_aggregates (subscription, aggregate_id, next_number, attempts, error)
       values ('Mails', '${ben}', 1, 10, 'Error: no')`,
    );
    await raw("alter table sequent_schema.commands disable trigger user");
    await raw("update sequent_schema.commands set stored_at = now() - interval '1 hour'");
    await raw("alter table sequent_schema.commands enable trigger user");
    const behind = "3 events and 3,600 s behind";
    const lines = await complaints({ subscriptions });
    expect(lines.map((line) => line.replace(/3,6\d\d s/, "3,600 s"))).toEqual([
      `problem subscriptions: Hooks is paused (by hand), ${behind} → npm run subscriptions -- resume Hooks`,
      `warning subscriptions: nobody works for Mails: ${behind} → npm run worker`,
      "problem subscriptions: Mails has parked 1 aggregate: Error: no → npm run subscriptions -- retry Mails",
      `warning subscriptions: this build has no Old, which is ${behind} → npm run subscriptions -- forget Old, if no build has it any more`,
    ]);
    await raw("delete from sequent_schema.parked_aggregates");
    await raw("update sequent_schema.subscriptions set epoch = 1000, paused = null where name <> 'Old'");
    await raw("delete from sequent_schema.subscriptions where name = 'Old'");
    expect(await complaints({ subscriptions })).toEqual([]);
  });

  test("an erasure that was stopped half-way", async () => {
    await context.shop.commandService.executeCommands(new EraseCustomer({ aggregateId: ben, by: "ann" }));
    expect(await complaints()).toEqual([
      `problem erasures: the erasure of ${ben} is not finished → npm run erase -- --reapply`,
    ]);
  });

  test("a check that fails, while all others still run", async () => {
    await raw("alter table sequent_schema.deferred_events rename to hidden");
    try {
      expect(await complaints()).toEqual([expect.stringContaining("problem views: cannot be checked: ")]);
    } finally {
      await raw("alter table sequent_schema.hidden rename to deferred_events");
    }
  });

  test("a replay that was stopped, but not one that is running", async () => {
    const options = { knex: context.database.patient, projectors, eventTypes };
    await replayUntil("run", options, projectors.slice(0, 1));
    const stopped = "warning replay: a replay of CustomerProjector was stopped before run → npm run replay";
    try {
      expect(await complaints()).toEqual([stopped]);
      await raw("update sequent_schema.replays set owner = gen_random_uuid(), beat_at = clock_timestamp()");
      expect(await complaints()).toEqual([]);
      await raw("update sequent_schema.replays set beat_at = beat_at - interval '3 seconds'");
      expect(await complaints()).toEqual([stopped]);
    } finally {
      await new Replay(options).abort();
    }
  });
});
