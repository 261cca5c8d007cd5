import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";
import type { Knex } from "knex";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { DatabaseUnavailable } from "../../../src/database/check-server.ts";
import { connect } from "../../../src/database/database.ts";
import type { EmbeddedPostgres } from "../../../src/database/embedded/embedded-postgres.ts";
import { MadeByAnotherBuild } from "../../../src/database/made-by-another-build.ts";
import { isMigrated, migrate } from "../../../src/database/migrate.ts";
import { eventTypes, projectors } from "../../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../../support/database.ts";
import { customer, useShop } from "../../support/shop.ts";

const context = useShop();

describe("the connections for reading", () => {
  test("cannot write, whatever the statement", async () => {
    const write = "insert into sequent_schema.projector_states (projector, version) values ('x', 1)";
    await expect(context.database.read.raw(write)).rejects.toMatchObject({ code: "25006" });
    await expect(context.database.read.raw("drop table view_schema.order_records")).rejects.toMatchObject({
      code: "25006",
    });
  });
});

describe("options in an address", () => {
  test("cannot make the connections for reading writable", async () => {
    const settings = await settingsOfWorker();
    const url = new URL(settings.databaseUrl ?? "");
    url.searchParams.set("options", "-c work_mem=5MB");
    const database = await connect({ ...settings, databaseUrl: url.toString() });
    onTestFinished(() => database.close());
    const { rows } = await database.read.raw(
      "select current_setting('work_mem') as work_mem, current_setting('transaction_read_only') as read_only",
    );
    expect(rows).toEqual([{ work_mem: "5MB", read_only: "on" }]);
  });
});

test("an embedded server that is just ending is asked again until it is back", async () => {
  let refused = 0;
  const ending = createServer((socket) => {
    refused += 1;
    socket.on("error", () => {}).once("data", () => socket.end(shuttingDown));
  });
  await once(ending.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void ending.close());
  class ToEnding extends Socket {
    override connect(): this {
      return super.connect((ending.address() as AddressInfo).port);
    }
  }
  const { databaseUrl: connectionString, ...settings } = await settingsOfWorker();
  const stream = () => (refused < 2 ? new ToEnding() : new Socket());
  const embedded = { connection: { connectionString, stream } } as unknown as EmbeddedPostgres;
  const database = await connect({ ...settings, databaseUrl: undefined }, embedded);
  await database.close();
  expect(refused).toBe(2);
});

/** What Postgres answers while it ends: an error with its length, and with fields that end in a zero. */
const fields = "SFATAL\0C57P03\0Mthe database system is shutting down\0\0";
const shuttingDown = Buffer.from(`E\0\0\0${String.fromCharCode(fields.length + 4)}${fields}`, "latin1");

describe("migrate", () => {
  test("has nothing to do the second time", async () => {
    expect(await isMigrated(context.database.write)).toBe(true);
    expect(await migrate(context.database.patient, { projectors, eventTypes })).toEqual([]);
  });

  test("may run in several processes at once", { repeats: 2 }, async () => {
    await context.database.write.raw("drop schema sequent_schema, view_schema, web_schema cascade");
    await context.database.write.raw("drop table knex_migrations, knex_migrations_lock");
    const databases = await Promise.all([1, 2, 3].map(async () => connect(await settingsOfWorker())));
    expect(await isMigrated(context.database.write)).toBe(false);
    const { rows } = await context.database.write.raw("select to_regclass('knex_migrations_lock') as made");
    expect(rows).toEqual([{ made: null }]); // to ask changes nothing
    const done = await Promise.all(
      databases.map(({ patient }) => migrate(patient, { projectors, eventTypes })),
    );
    expect(done.flat().sort()).toEqual([
      "001_event_store",
      "002_rate_limits",
      "003_sign_in",
      "004_mailbox",
      "005_subscriptions",
      "CustomerProjector",
      "OrderProjector",
      "OrderRevisionProjector",
    ]);
    await Promise.all(databases.map((database) => database.close()));
  });
});

describe("a migration that cannot begin", () => {
  const views = { projectors, eventTypes };
  const backendOf = async (knex: Knex) => (await knex.raw("select pg_backend_pid() as pid")).rows[0].pid;

  test("begins nevertheless if a killed process left Knex' lock behind", async () => {
    await context.database.write.raw("update knex_migrations_lock set is_locked = 1");
    expect(await migrate(context.database.patient, views, 1_000)).toEqual([]);
    const { rows } = await context.database.write.raw("select is_locked from knex_migrations_lock");
    expect(rows).toEqual([{ is_locked: 0 }]);
  });

  test("because another process migrates names that process, and how to end it", async () => {
    const other = await context.database.write.transaction();
    await other.raw("select pg_advisory_xact_lock(7, 1)");
    const pid = await backendOf(other);
    try {
      const migrating = migrate(context.database.patient, views, 100);
      await expect(migrating).rejects.toBeInstanceOf(DatabaseUnavailable);
      await expect(migrating).rejects.toThrow(
        new RegExp(`^Another process is migrating.*process ${pid} .*pg_terminate_backend\\(${pid}\\)`),
      );
    } finally {
      await other.rollback();
    }
  });

  test("because a view is in use names the processes that use it, and how to end them", async () => {
    await context.database.write.raw(
      "update sequent_schema.projector_states set version = 0 where projector = 'OrderProjector'",
    );
    const reading = await context.database.read.transaction();
    await reading.raw("select from view_schema.order_records");
    const pid = await backendOf(reading);
    try {
      const migrating = migrate(context.database.patient, views, 100);
      await expect(migrating).rejects.toBeInstanceOf(DatabaseUnavailable);
      await expect(migrating).rejects.toThrow(
        new RegExp(
          `^A table that has to be changed is in use.*process ${pid} .*pg_terminate_backend\\(${pid}\\)`,
        ),
      );
    } finally {
      await reading.rollback();
    }
    expect(await migrate(context.database.patient, views)).toEqual(["OrderProjector"]);
  });
});

describe("tables of other migrations", () => {
  const raw = (sql: string) => context.database.write.raw(sql);

  let madeOf: string;
  beforeAll(async () => {
    const { rows } = await raw(
      "select obj_description('sequent_schema'::regnamespace, 'pg_namespace') as was",
    );
    madeOf = rows[0].was;
  });
  afterAll(() => raw(`comment on schema sequent_schema is '${madeOf}'`));
  beforeEach(async () => {
    await raw("comment on schema sequent_schema is 'made of other files'");
  });

  test("are refused; if nothing is stored in them, the message says how to delete them", async () => {
    const refusal = isMigrated(context.database.write);
    await expect(refusal).rejects.toBeInstanceOf(MadeByAnotherBuild);
    await expect(refusal).rejects.toThrow(
      /another version of the program made .* Nothing is stored in it.* run "npm run reset", or set DATABASE_URL/s,
    );
    const migrating = migrate(context.database.patient, { projectors, eventTypes });
    await expect(migrating).rejects.toBeInstanceOf(MadeByAnotherBuild);
  });

  test("are refused; if anything is stored in them, the message says how to keep it", async () => {
    await context.shop.commandService.executeCommands(customer());
    const refusal = isMigrated(context.database.write);
    await expect(refusal).rejects.toThrow(
      /another version of the program made .* run the version .* write a migration .* leave it .* an empty database/s,
    );
    await expect(refusal).rejects.not.toThrow(/delete|drop|reset/);
  });

  test("do not count as empty if the table of events has another name", async () => {
    await raw("alter table sequent_schema.events rename to facts");
    try {
      const refusal = isMigrated(context.database.write);
      await expect(refusal).rejects.toThrow(/run the version/);
      await expect(refusal).rejects.not.toThrow(/delete|drop|reset/);
    } finally {
      await raw("alter table sequent_schema.facts rename to events");
    }
  });

  test("are accepted if a newer build has migrated them", async () => {
    await raw("insert into knex_migrations (name, batch) values ('003_newer', 2)");
    try {
      expect(await isMigrated(context.database.write)).toBe(true);
      expect(await migrate(context.database.patient, { projectors, eventTypes })).toEqual([]);
    } finally {
      await raw("delete from knex_migrations where name = '003_newer'");
    }
  });
});

describe("a wrong address", () => {
  test.each([
    [
      "postgres://localhost:1/blog",
      /^Cannot use Postgres at localhost:1\/blog: nothing listens there\. Start Postgres/,
    ],
    ["postgres://no.such.host.invalid/blog", /^Cannot use Postgres at no\.such\.host\.invalid\/blog: /],
  ])("leads to one line that says what to do: %s", async (databaseUrl, message) => {
    const settings = { databaseUrl, readDatabaseUrl: undefined, databasePool: 1, dataDirectory: "data" };
    const failure = connect(settings);
    await expect(failure).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow(/\n/);
  });

  test("of the connections for reading is named by its own setting", async () => {
    const readDatabaseUrl = "postgres://localhost:1/replica";
    const failure = connect({ ...(await settingsOfWorker()), readDatabaseUrl });
    await expect(failure).rejects.toThrow(
      /^Cannot use Postgres at localhost:1\/replica: nothing listens there\. Start Postgres, or correct READ_DATABASE_URL/,
    );
  });

  test("is never shown with its password", async () => {
    const databaseUrl = "postgres://ben:s3cret@localhost:1/blog";
    const settings = { databaseUrl, readDatabaseUrl: undefined, databasePool: 1, dataDirectory: "data" };
    await expect(connect(settings)).rejects.not.toThrow(/s3cret/);
  });
});
