import { expect, test } from "vitest";
import { projectors } from "../../src/blog.ts";
import { settingsOfWorker, useBlog } from "../support/database.ts";
import { run } from "../support/process.ts";

const context = useBlog();

test.each(["src/server.ts", "src/bin/migrate.ts", "src/bin/seed.ts"])(
  "%s of a program that does not fit together says what to change, and changes nothing itself",
  async (program) => {
    const { databaseUrl } = await settingsOfWorker();
    const build = ["--import", "tsx", "--import", "./test/fixtures/unwired-build.ts"];
    const { ended, output } = await run(program, { DATABASE_URL: databaseUrl }, build);
    expect(await ended).toBe(1);
    expect(output()).toMatch(
      'The table "post_records" is listed by PostProjector and by ThiefProjector. A table belongs to one projector',
    );
    expect(output()).not.toMatch(/^ +at /m);
    const { rows } = await context.database.read.raw(
      "select projector from sequent_schema.projector_states where projector = 'ThiefProjector'",
    );
    expect(rows).toEqual([]);
  },
);

test.each(["src/server.ts", "src/bin/migrate.ts"])(
  "%s says which version to raise when a table was declared with another column",
  async (program) => {
    const [projector] = projectors;
    const { databaseUrl } = await settingsOfWorker();
    const build = ["--import", "tsx", "--import", "./test/fixtures/changed-table-build.ts"];
    const { ended, output } = await run(program, { DATABASE_URL: databaseUrl, PORT: "0" }, build);
    expect(await ended).toBe(1);
    expect(output()).toContain(
      `"${projector?.tables[0]?.name}" is declared otherwise than it was made (motto), but ${projector?.savedName} still has version`,
    );
    expect(output()).not.toMatch(/^ +at /m);
  },
);
