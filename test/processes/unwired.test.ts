import { expect, test } from "vitest";
import { projectors } from "../fixtures/shop/shop.ts";
import { settingsOfWorker } from "../support/database.ts";
import { present, run } from "../support/process.ts";
import { onShop, useShop } from "../support/shop.ts";

const context = useShop();

test.each(present("src/server.ts", "src/bin/migrate.ts", "src/bin/seed.ts"))(
  "%s of a program that does not fit together says what to correct, and changes nothing",
  async (program) => {
    const { databaseUrl } = await settingsOfWorker();
    const build = [...onShop, "--import", "./test/fixtures/shop/unwired-build.ts"];
    const { ended, output } = await run(program, { DATABASE_URL: databaseUrl }, build);
    expect(await ended).toBe(1);
    expect(output()).toMatch(
      'The table "order_records" is listed by OrderProjector and by ThiefProjector. A table belongs to one projector',
    );
    expect(output()).not.toMatch(/^ +at /m);
    const { rows } = await context.database.read.raw(
      "select projector from sequent_schema.projector_states where projector = 'ThiefProjector'",
    );
    expect(rows).toEqual([]);
  },
);

test.each(["src/server.ts", "src/bin/migrate.ts"])(
  "%s says which version to raise if a table was declared with another column",
  async (program) => {
    const [projector] = projectors;
    const { databaseUrl } = await settingsOfWorker();
    const build = [...onShop, "--import", "./test/fixtures/shop/changed-table-build.ts"];
    const { ended, output } = await run(program, { DATABASE_URL: databaseUrl, PORT: "0" }, build);
    expect(await ended).toBe(1);
    expect(output()).toContain(
      `The declaration of the table "${projector?.tables[0]?.name}" has changed (motto), but ${projector?.savedName} still has version`,
    );
    expect(output()).not.toMatch(/^ +at /m);
  },
);
