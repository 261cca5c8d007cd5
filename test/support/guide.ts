import type { Knex } from "knex";
import { read } from "./files.ts";

/** The blocks of a page in a language, in their order: what a page says is what a test does. */
export function blocksOf(page: string, language: string): string[] {
  const blocks = read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, block = ""]) => block);
}

/** Moves the events into partitions, as docs/guides/scaling.md says. Returns how many seconds the copy and the swap took. */
export async function partitionEvents(
  knex: Knex,
  meanwhile?: () => Promise<unknown>,
): Promise<[number, number]> {
  const [prepare = "", copy = "", swap = ""] = blocksOf("docs/guides/scaling.md", "sql");
  await knex.raw(prepare);
  const copied = await secondsOf(knex.raw(copy));
  await meanwhile?.();
  return [copied, await secondsOf(knex.transaction((transaction) => transaction.raw(swap)))];
}

async function secondsOf(work: PromiseLike<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return (performance.now() - started) / 1_000;
}
