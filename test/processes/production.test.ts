import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "#sequent/operations";
import { present, production, run } from "../support/process.ts";
import { onShop } from "../support/shop.ts";

const customer = ["customer", newId()];

test.each(
  present<readonly [string, readonly string[]]>(
    ["src/server.ts", []],
    ["src/bin/migrate.ts", []],
    ["src/bin/replay.ts", []],
    ["src/bin/seed.ts", []],
    ["src/bin/erase.ts", customer],
    ["src/bin/snapshots.ts", []],
    ["src/bin/unique-keys.ts", []],
    ["src/bin/doctor.ts", []],
  ),
)("in production, %s makes no empty database if DATABASE_URL was forgotten", async (program, args) => {
  const directory = await mkdtemp(join(tmpdir(), "sequent-blog-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const data = join(directory, "data");
  const env = { ...production, DATA_DIR: data, DATABASE_URL: "" };
  const { ended, output } = await run(program, env, onShop, args);
  expect(await ended).toBe(1);
  expect(output()).toMatch(/DATABASE_URL is needed in production: .*DATABASE_URL=embedded\n$/);
  expect(output()).not.toMatch(/^ {4}at /m);
  expect(existsSync(data)).toBe(false);
});
