import knex, { type Knex } from "knex";
import { afterAll, beforeEach } from "vitest";
import { settingsOfWorker } from "./database.ts";

/** The database of a program beside the blog. It has no tables when a test begins. */
export async function useEmptyDatabase(
  name: string,
): Promise<{ readonly url: string; readonly database: Knex }> {
  const { databaseUrl: url } = await settingsOfWorker(name);
  const database = knex({ client: "pg", connection: url });
  beforeEach(async () => {
    await database.raw("drop schema public cascade; create schema public");
  });
  afterAll(() => database.destroy());
  return { url, database };
}
