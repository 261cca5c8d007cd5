import { expect, test } from "vitest";
import { connect } from "../../src/database/database.ts";
import { settingsOfWorker } from "../support/database.ts";

test("a replica is not taken for the primary", async () => {
  const settings = await settingsOfWorker();
  const url = new URL(settings.databaseUrl ?? "");
  url.searchParams.set("options", "-c default_transaction_read_only=on");
  const failure = connect({ ...settings, databaseUrl: url.toString() });
  await expect(failure).rejects.toThrow(
    /can only be read, as a replica can: let DATABASE_URL name the primary\.$/,
  );
});
