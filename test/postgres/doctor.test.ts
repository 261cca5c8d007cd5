import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type Database } from "../../src/database/database.ts";
import { examine } from "../../src/doctor/examine.ts";
import type { Patient } from "../../src/doctor/finding.ts";
import { modules, projectors } from "../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../support/database.ts";
import { recreateShop } from "../support/shop.ts";

const role = `sequent_blog_doctor_${randomBytes(4).toString("hex")}`;
let database: Database;

beforeAll(async () => {
  database = await connect(await settingsOfWorker("doctor"));
  await recreateShop(database);
});
afterAll(() => database.close());

async function complaints(check: string, changes: Partial<Patient> = {}): Promise<string[]> {
  const patient = { knex: database.patient, isServer: true, webRole: role, patience: 60 };
  const findings = await examine({ ...patient, modules, projectors, workflows: [], ...changes });
  return findings
    .filter((finding) => finding.check === check && finding.level !== "ok")
    .map(({ level, what, mend }) => `${level}: ${what} → ${mend}`);
}

test("settings that can lose acknowledged data are found, with the place where they are set", async () => {
  expect(await complaints("settings")).toEqual([]);
  const settings = await settingsOfWorker("doctor");
  const databaseUrl = `${settings.databaseUrl}?options=-c%20synchronous_commit%3Doff`;
  const careless = await connect({ ...settings, databaseUrl, readDatabaseUrl: settings.databaseUrl });
  try {
    expect(await complaints("settings", { knex: careless.patient })).toEqual([
      "problem: synchronous_commit is off (set by: client): a crash can lose acknowledged data → " +
        "take synchronous_commit out of DATABASE_URL and PGOPTIONS",
    ]);
  } finally {
    await careless.close();
  }
});

test("a transaction that is open for long is found, and how to end it", async () => {
  await database.write.transaction(async (transaction) => {
    const { rows } = await transaction.raw("select pg_backend_pid() as pid, pg_current_xact_id()");
    const [{ pid }] = rows as [{ pid: number }];
    const line = `warning: process ${pid} (sequent-blog, database `;
    await expect
      .poll(() => complaints("transactions", { patience: 0.1 }))
      .toContainEqual(expect.stringContaining(line));
    const found = await complaints("transactions", { patience: 0.1 });
    expect(found.find((each) => each.includes(line))).toMatch(
      `holds back readers of the log, and vacuum → psql "$DATABASE_URL" -c "select pg_terminate_backend(${pid})"`,
    );
    expect((await complaints("transactions")).some((each) => each.includes(line))).toBe(false);
  });
});

test("a web role with too few or too many rights is found", async () => {
  expect(await complaints("web role")).toEqual([
    expect.stringContaining(`warning: there is no role ${role}`),
  ]);
  const sql = await readFile(new URL("../../src/database/web-role.sql", import.meta.url), "utf8");
  await database.write.raw(sql.replaceAll("sequent_blog_web", role).replaceAll("?", "\\?"));
  try {
    expect(await complaints("web role")).toEqual([]);
    await database.write.raw(`revoke insert on sequent_schema.events from ${role}`);
    await database.write.raw(`grant update on sequent_schema.commands to ${role}`);
    expect(await complaints("web role")).toEqual([
      expect.stringContaining(`problem: ${role} has the right to update on sequent_schema.commands`),
      expect.stringContaining(`problem: ${role} has no right to insert on sequent_schema.events`),
    ]);
  } finally {
    await database.write.raw(`drop owned by ${role}; drop role ${role}`);
  }
});
