import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Cleanup } from "../harness/cleanup.ts";
import type { Rate } from "../harness/rate.ts";
import type { Sent } from "../harness/sent-statements.ts";
import type { Store } from "../harness/store.ts";

/** Without Node: pgbench runs the same prepared statement, with other ids. */
export async function pgbenchScript(
  { url, dataDirectory }: Store,
  { text, values }: Sent,
  ids: readonly string[],
): Promise<string> {
  const file = join(dataDirectory, "statement.sql");
  const types = await parameterTypes(url, text);
  const inlined = text.replace(/\$(\d+)/g, (_, place) => {
    const index = Number(place) - 1;
    return `cast(${literal(values[index], ids)} as ${types[index]})`;
  });
  const draws = ids.map((_, index) => `\\set id${index} random(1, 9000000000000000000)\n`).join("");
  await writeFile(file, `${draws}${inlined};\n`);
  return file;
}

/** Transactions a second. */
export async function pgbench(
  { url = "" }: Store,
  script: string,
  {
    concurrent,
    ms,
    cleanup,
  }: { readonly concurrent: number; readonly ms: number; readonly cleanup: Cleanup },
): Promise<Rate> {
  const seconds = String(Math.max(1, Math.round(ms / 1_000)));
  const args = ["-n", "-M", "prepared", "-f", script, "-c", String(concurrent), "-T", seconds, url];
  const child = spawn("pgbench", args, { stdio: ["ignore", "pipe", "pipe"] });
  cleanup.defer(() => child.kill());
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  const [, rate] = /tps = ([\d.]+)/.exec(output) ?? [];
  if (code !== 0 || rate === undefined) throw new Error(`pgbench failed:\n${output}`);
  return { perSecond: Number(rate), p50: Number.NaN, p99: Number.NaN };
}

export async function hasPgbench(): Promise<boolean> {
  const child = spawn("pgbench", ["--version"], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false)).once("close", (code) => resolve(code === 0));
  });
}

async function parameterTypes(url: string | undefined, text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`prepare asked as ${text}`);
    const { rows } = await client.query(
      "select parameter_types::text[] as types from pg_prepared_statements where name = 'asked'",
    );
    return rows[0].types;
  } finally {
    await client.end();
  }
}

/** A value as SQL, with new ids for each run. A colon would be a variable of pgbench. */
function literal(value: unknown, ids: readonly string[]): string {
  if (value === null || value === undefined) return "null";
  const quoted = (text: string) =>
    `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll(":", "\\x3a")}'`;
  const text = Array.isArray(value)
    ? `{${value.map((item) => JSON.stringify(String(item))).join(",")}}`
    : String(value);
  return ids.reduce(
    (sql, id, index) => (text.includes(id) ? `replace(${sql}, '${id}', ${drawn(index)})` : sql),
    quoted(text),
  );
}

/** In the order of time, like our ids. It is the same id everywhere in one run. */
function drawn(index: number): string {
  const time = "lpad(to_hex(cast(extract(epoch from now()) * 1000 as bigint)), 12, '0')";
  return `${time} || '7000' || lpad(to_hex(cast(:id${index} as bigint)), 16, '0')`;
}
