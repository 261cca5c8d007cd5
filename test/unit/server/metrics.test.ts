import request from "supertest";
import { expect, test } from "vitest";
import { createWeb } from "../../../src/server/serve.ts";
import { readSettings } from "../../../src/settings.ts";
import { createLog } from "../../../src/web/logging/log.ts";
import { useShop } from "../../support/shop.ts";

const context = useShop();
const token = "t".repeat(32);

/** The whole program, as it starts with this token. */
async function metrics(METRICS_TOKEN: string | undefined, authorization = `Bearer ${token}`) {
  const settings = readSettings({ SESSION_SECRET: "s".repeat(32), METRICS_TOKEN });
  const app = await createWeb(settings, context.database, createLog({ level: "silent" }));
  return request(app).get("/metrics").set("Authorization", authorization);
}

test("where each subscription stands is told to Prometheus", async () => {
  const { write } = context.database;
  await write.raw(`
    insert into sequent_schema.subscriptions (name, version, paused, epoch, xact_id, position)
    values ('Letters', 1, null, 0, '0', 0), ('Parcels', 1, 'by hand', 0, '0', 0)`);
  await write.raw(`
    insert into sequent_schema.parked_aggregates (subscription, aggregate_id, next_number, attempts, error)
    values ('Letters', gen_random_uuid(), 1, 3, 'Error')`);
  const { status, text, headers } = await metrics(token);
  expect([status, headers["content-type"], headers["cache-control"]]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
    "no-store",
  ]);
  expect(text).toContain("# TYPE sequent_subscription_events_behind gauge\n");
  expect(text).toContain('sequent_subscription_events_behind{subscription="Letters"} 0\n');
  expect(text).toContain('sequent_subscription_parked_aggregates{subscription="Letters"} 1\n');
  expect(text).toContain('sequent_subscription_parked_aggregates{subscription="Parcels"} 0\n');
  expect(text).toContain('sequent_subscription_working{subscription="Letters"} 0\n');
  expect(text).toContain('sequent_subscription_paused{subscription="Parcels"} 1\n');
});

test.each(["", "Bearer ", `Basic ${token}`, `Bearer ${token}x`])(
  "whoever sends %j learns nothing",
  async (authorization) => {
    const { status, text, headers } = await metrics(token, authorization);
    expect([status, text]).toEqual([401, "The token is missing or wrong.\n"]);
    expect(headers["www-authenticate"]).toBe("Bearer");
  },
);

test("without a token, there is no such page", async () => {
  expect((await metrics(undefined)).status).toBe(404);
});
