import { readFile } from "node:fs/promises";

const files = ["subscriptions", "parked_aggregates"];

/** The tables of the subscriptions, each after those that it needs. */
export function subscriptionsSchema(): Promise<string[]> {
  return Promise.all(files.map((name) => readFile(new URL(`sql/${name}.sql`, import.meta.url), "utf8")));
}
