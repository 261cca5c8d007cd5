import pg from "pg";
import { expect, test, vi } from "vitest";
import { PostgresConnections } from "#sequent/operations";
import { PostgresSignInStore } from "../../src/database/sign-in/sign-in-store.ts";
import { hashOf, newLinkToken, newToken } from "../../src/web/sign-in/tokens.ts";
import { customers } from "../support/customers.ts";
import { customer, useShop } from "../support/shop.ts";

const context = useShop({ databasePool: 30 });
const store = () => new PostgresSignInStore(context.database.write, customers);

async function givenCustomer(email = "ben@example.com"): Promise<string> {
  const command = customer({ email });
  await context.shop.commandService.executeCommands(command);
  return command.aggregateId;
}

const taking = (token: string) => ({
  tokenHash: hashOf(token),
  sessionHash: hashOf(newToken()),
  browser: "Firefox",
  replaced: undefined,
});

const sessions = async (): Promise<number> => {
  const { rows } = await context.database.write.raw("select count(*)::integer as n from web_schema.sessions");
  return rows[0].n;
};

test("of 50 uses of one link at once, one signs in, 20 times", async () => {
  await givenCustomer();
  for (let round = 1; round <= 20; round += 1) {
    const token = newLinkToken();
    await store().addLinkByAddress({
      tokenHash: hashOf(token),
      email: "BEN@example.com",
      returnTo: undefined,
    });
    const uses = await Promise.all(Array.from({ length: 50 }, () => store().takeLink(taking(token))));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await sessions()).toBe(round);
  }
});

test("links and sessions of one account, used and ended by many at once, never wait for each other for ever", async () => {
  const id = await givenCustomer();
  const { database } = context;
  const before = await deadlocks();
  const work = Array.from({ length: 200 }, async (_, number) => {
    const token = newLinkToken();
    await store().addLinkByAddress({
      tokenHash: hashOf(token),
      email: "ben@example.com",
      returnTo: undefined,
    });
    const session = { tokenHash: hashOf(newToken()), accountId: id, isProven: false, browser: "Firefox" };
    await store().beginSession(session);
    if (number % 5 === 0) await store().endSessions(id);
    if (number % 7 === 0) await store().endLinks(id);
    if (number % 11 === 0) await store().clean();
    await store().takeLink({ ...taking(token), replaced: session.tokenHash });
  });
  await Promise.all(work);
  expect(await deadlocks()).toBe(before);
  await store().endSessions(id);
  expect(await sessions()).toBe(0);

  async function deadlocks(): Promise<string> {
    const { rows } = await database.write.raw(
      "select deadlocks from pg_stat_database where datname = current_database()",
    );
    return rows[0].deadlocks;
  }
});

test("a request costs one statement, and finds session and account by their keys among many", async () => {
  const id = await givenCustomer();
  const { write } = context.database;
  await write.raw(
    "insert into web_schema.sessions (token_hash, account_id, is_proven, browser) select sha256(n::text::bytea), ?, true, 'x' from generate_series(1, 20000) as n",
    [id],
  );
  await write.raw("analyze web_schema.sessions");
  const token = newToken();
  await store().beginSession({ tokenHash: hashOf(token), accountId: id, isProven: true, browser: "Firefox" });
  const statements = vi.spyOn(pg.Client.prototype, "query");
  expect(await store().findSession(hashOf(token))).toMatchObject({ account_id: id, name: "Ben" });
  expect(statements).toHaveBeenCalledTimes(1);
  const [statement] = statements.mock.calls[0] ?? [];
  statements.mockRestore();
  const { text, values } = statement as unknown as { text: string; values: Buffer[] };
  const rows = await new PostgresConnections(write).all<{ "QUERY PLAN": string }>(`explain ${text}`, values);
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("sessions_pkey");
  expect(plan).not.toContain("Seq Scan on sessions");
});

test("what has ended is deleted", async () => {
  const id = await givenCustomer();
  const { write } = context.database;
  const token = newLinkToken();
  await store().addLinkByAddress({ tokenHash: hashOf(token), email: "ben@example.com", returnTo: undefined });
  await store().takeLink(taking(token));
  await store().addLinkByAddress({ tokenHash: hashOf("two"), email: "eve@example.com", returnTo: "/" });
  await store().keepForm(hashOf("form"), Buffer.from("sealed"));
  const left = async () => {
    const { rows } = await write.raw(
      `select (select count(*)::integer from web_schema.sessions) as sessions,
              (select count(*)::integer from web_schema.sign_in_links) as links,
              (select count(*)::integer from web_schema.kept_forms) as forms`,
    );
    return rows[0];
  };
  await store().clean();
  expect(await left()).toEqual({ sessions: 1, links: 1, forms: 1 });
  await write.raw("update web_schema.sessions set seen_at = now() - interval '30 days'");
  await write.raw("update web_schema.sign_in_links set expires_at = now() - interval '25 hours'");
  await write.raw("update web_schema.kept_forms set expires_at = now()");
  await store().clean();
  expect(await left()).toEqual({ sessions: 0, links: 0, forms: 0 });
  await store().beginSession({ tokenHash: hashOf("x"), accountId: id, isProven: true, browser: "x" });
  await write.raw("delete from view_schema.customer_records");
  await store().clean();
  expect(await left()).toEqual({ sessions: 0, links: 0, forms: 0 });
});
