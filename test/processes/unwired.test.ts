import { expect, test } from "vitest";
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
