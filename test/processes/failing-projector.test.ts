import { expect, test } from "vitest";
import { settingsOfWorker } from "../support/database.ts";
import { present, run } from "../support/process.ts";
import { customer, onShop, useShop } from "../support/shop.ts";

const context = useShop();

test.each(present("src/server.ts", "src/bin/migrate.ts", "src/bin/seed.ts"))(
  "%s says which projector fails on which event, without values of the event",
  async (program) => {
    const { aggregateId } = customer();
    await context.shop.commandService.executeCommands(
      customer({ aggregateId, name: "Zelda Quill", email: "zelda@quill.example" }),
    );
    const { databaseUrl } = await settingsOfWorker();
    const build = [...onShop, "--import", "./test/fixtures/shop/failing-build.ts"];
    const { ended, output } = await run(program, { DATABASE_URL: databaseUrl }, build);
    expect(await ended).toBe(1);
    expect(output()).toMatch(
      `CustomerProjector failed on CustomerNameSet (${aggregateId}, number 2): … has no first name`,
    );
    expect(output()).not.toMatch(/zelda|quill/i);
  },
);
