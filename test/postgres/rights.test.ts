import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { connect, type Database } from "../../src/database/database.ts";
import { settingsOfWorker } from "../support/database.ts";
import { present, run } from "../support/process.ts";
import { onShop, recreateShop } from "../support/shop.ts";

const role = `sequent_blog_guest_${randomBytes(4).toString("hex")}`;
let owner: Database;
let url: string;

beforeAll(async () => {
  const settings = await settingsOfWorker("rights");
  owner = await connect(settings);
  await recreateShop(owner);
  await owner.write.raw(`create role ${role} login password '${role}'`);
  const own = new URL(settings.databaseUrl ?? "");
  own.username = role;
  own.password = role;
  url = own.toString();
});

afterAll(async () => {
  await owner.write.raw(`drop owned by ${role}; drop role ${role}`);
  await owner.close();
});

async function outcomeOf(program: string, args: readonly string[] = []): Promise<string> {
  const { ended, output } = await run(program, { DATABASE_URL: url }, onShop, args);
  return `${await ended}: ${output()}`;
}

const customer = ["customer", newId()];

describe("the message to a role without rights is one line with its name, what it lacks and what to run", () => {
  const line =
    /^1: The role "\w+" lacks a right in Postgres at .*: permission denied for .*\. Run this with the DATABASE_URL of "\w+", who owns the tables\..*\n$/;

  test.each(
    present<readonly [string, readonly string[]]>(
      ["src/server.ts", []],
      ["src/bin/migrate.ts", []],
      ["src/bin/replay.ts", []],
      ["src/bin/replay.ts", ["--status"]],
      ["src/bin/seed.ts", []],
      ["src/bin/snapshots.ts", []],
      ["src/bin/unique-keys.ts", []],
      ["src/bin/erase.ts", customer],
    ),
  )("by %s %s", async (program, args) => {
    const outcome = await outcomeOf(program, args);
    expect(outcome).toMatch(line);
    expect(outcome).toContain(`"${role}"`);
  });

  test("by doctor, as a problem", async () => {
    expect(await outcomeOf("src/bin/doctor.ts")).toMatch(
      new RegExp(
        `^1: problem .*the role "${role}" may not check this: permission denied for .*\\n.*→ .*owner of the tables\\n$`,
      ),
    );
  });

  test.each(present("src/server.ts", "src/bin/migrate.ts", "src/bin/seed.ts"))(
    "by %s, if there are no tables yet",
    async (program) => {
      const empty = new URL(url);
      empty.pathname += `_${randomBytes(4).toString("hex")}`;
      const name = empty.pathname.slice(1);
      await owner.patient.raw(`create database "${name}"`);
      try {
        const { ended, output } = await run(program, { DATABASE_URL: empty.toString() }, onShop);
        expect(await ended).toBe(1);
        expect(output()).toMatch(
          /The role "\w+" lacks a right .*: permission denied for .*, who owns the database\./,
        );
        expect(output()).not.toMatch(/^ {4}at /m);
      } finally {
        await owner.patient.raw(`drop database "${name}" with (force)`);
      }
    },
  );
});

describe("a role that may read, but not change", () => {
  beforeAll(async () => {
    for (const schema of ["sequent_schema", "view_schema", "public"])
      await owner.write.raw(
        `grant usage on schema ${schema} to ${role}; grant select on all tables in schema ${schema} to ${role}`,
      );
  });

  test.each([
    ["src/bin/migrate.ts", []],
    ["src/bin/replay.ts", ["CustomerProjector"]],
  ])("gets the same message from %s %s", async (program, args) => {
    expect(await outcomeOf(program, args)).toMatch(
      /^1: (.*\n)*The role "\w+" lacks a right .*: permission denied for .*who owns the tables\..*\n$/,
    );
  });
});
