import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { RateLimits } from "../../src/database/rate-limits.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { author } from "../support/people.ts";
import { beginSession } from "../support/sessions.ts";
import { Browser, linkIn } from "../support/sign-in.ts";
import { fieldsIn, textOf, useWeb } from "../support/web.ts";

const { given, client, context, mails } = useWeb();
const ada = { name: "Ada", email: "ada@example.com" };
const sql = (text: string) => context.database.write.raw(text);

beforeEach(() => sql("delete from web_schema.rate_limits"));

/** Behind a proxy, so that each may come from another address. */
function limited(address: string): Browser {
  const rateLimits = new RateLimits(context.database.write);
  const browser = new Browser(client({ rateLimits, trustProxy: 1, sessionSecret: "s".repeat(32) }));
  browser.agent.set("X-Forwarded-For", address);
  return browser;
}

describe("asking for links", () => {
  test.each([
    ["known", ada.email],
    ["unknown", "eve@example.com"],
  ])("brings a %s address three mails in 15 minutes, and always the same page", async (_what, email) => {
    await given(author({ aggregateId: newId(), ...ada }));
    const pages = new Set<string>();
    for (let times = 1; times <= 6; times += 1) {
      const here = limited(`10.0.0.${times}`);
      const { headers } = await here
        .send("/sign-in", { email: times % 2 ? email : email.toUpperCase() })
        .expect(303);
      pages.add((await here.get(headers["location"] ?? "")).text.toLowerCase());
    }
    expect(mails).toHaveLength(3);
    expect(pages.size).toBe(1);
  });

  test("brings an address ten mails a day", async () => {
    for (let times = 1; times <= 15; times += 1) {
      await limited(`10.0.1.${times}`).send("/sign-in", ada).expect(303);
      await sql("update web_schema.rate_limits set ends_at = now() where key like 'mails:%'");
    }
    expect(mails).toHaveLength(10);
  });

  test("is refused for a visitor after ten in 15 minutes, and others are not", async () => {
    for (let times = 1; times <= 10; times += 1)
      await limited("10.0.2.1")
        .send("/sign-in", { email: `a${times}@example.com` })
        .expect(303);
    const refused = await limited("10.0.2.1").send("/sign-in", { email: "b@example.com" }).expect(429);
    expect(refused.headers["retry-after"]).toMatch(/^\d+$/);
    expect(refused.text).toContain("b@example.com");
    await limited("10.0.2.2").send("/sign-in", { email: "b@example.com" }).expect(303);
  });

  test("to confirm an address is limited for the account, too", async () => {
    const id = newId();
    await given(author({ aggregateId: id, ...ada }));
    const here = limited("10.0.3.1");
    here.agent.jar.setCookie(`session=${await beginSession(context.database, id)}`, "127.0.0.1", "/");
    for (let times = 1; times <= 3; times += 1) await here.send("/account/confirmation").expect(303);
    await here.send("/account/confirmation").expect(429);
    expect(mails).toHaveLength(3);
  });
});

test("no link, token or address is in the log", async () => {
  const lines: string[] = [];
  const log = createLog({ level: "trace", write: (line) => lines.push(line) });
  const here = new Browser(client({ log }));
  await here.send("/authors", ada).expect(303);
  await here.send("/sign-in", ada).expect(303);
  const link = linkIn(mails.at(-1));
  const { text } = await here.get(link).expect(200);
  await here.send(link, fieldsIn(text)).expect(303);
  await here.get(link);
  await here.send(link, fieldsIn(text));
  await here.get(link.slice(0, -1));
  await here.get(`${link}/x`);
  await here.get(link.replace("sign-in", "Sign-In"));
  await here.send("/account/email", { email: "new@example.com" }).expect(303);
  const newAddress = linkIn(mails.at(-1));
  await here.get(newAddress).expect(200);
  await here.send(newAddress).expect(303);
  await here.get(newAddress);

  const logged = lines.join("\n");
  expect(logged).toContain('"path":"/sign-in/..."');
  expect(logged).toContain('"path":"/account/email/..."');
  const secrets = [link, newAddress].map((path) => path.split("/").at(-1)?.slice(0, 12) ?? "");
  for (const secret of [...secrets, here.cookie("session") ?? "x", "ada@", "new@", "example.com"])
    expect(logged).not.toContain(secret);
});

describe("an address is changed", () => {
  test("when the link to the new one was used: then the old one is told, and everything else ends", async () => {
    const id = newId();
    await given(author({ aggregateId: id, ...ada }));
    const signedIn = async () => {
      const browser = new Browser(client());
      browser.agent.jar.setCookie(`session=${await beginSession(context.database, id)}`, "127.0.0.1", "/");
      return browser;
    };
    const [here, phone, stranger] = [await signedIn(), await signedIn(), new Browser(client())];
    await here.send("/sign-in", ada);
    const oldLink = linkIn(mails.at(-1));
    await here.send("/account/email", { email: "new@example.com" }).expect(303);
    const link = linkIn(mails.at(-1));
    expect(mails.at(-1)).toMatchObject({ to: "new@example.com" });

    await stranger.get(link).expect(303); // not signed in
    await given(author({ aggregateId: newId(), email: "eve@example.com" }));
    await stranger.send("/sign-in", { email: "eve@example.com" });
    await stranger.press(linkIn(mails.at(-1)));
    await stranger.get(link).expect(404);
    await stranger.send(link).expect(303);
    expect(textOf((await stranger.get("/account")).text)).toContain("This link was used before");
    await here.get(`/sign-in/${link.split("/").at(-1)}`).expect(303); // it signs nobody in
    await new Browser(client()).get(`/sign-in/${link.split("/").at(-1)}`).expect(404);

    await here.get(link).expect(200);
    await here.send(link).expect(303);
    expect(mails.at(-1)).toMatchObject({ to: ada.email, subject: expect.stringMatching(/address/i) });
    expect([await here.isSignedIn(), await phone.isSignedIn()]).toEqual([true, false]);
    await new Browser(client()).get(oldLink).expect(404);
    await here.send(link).expect(303);
    expect(textOf((await here.get("/account")).text)).toContain("This link was used before");
  });

  test("only after a sign-in of the last 15 minutes", async () => {
    const id = newId();
    await given(author({ aggregateId: id, ...ada }));
    const here = new Browser(client());
    here.agent.jar.setCookie(`session=${await beginSession(context.database, id)}`, "127.0.0.1", "/");
    await sql("update web_schema.sessions set created_at = now() - interval '16 minutes'");
    const sent = await here.send("/account/email", { email: "new@example.com" }).expect(303);
    expect(mails).toEqual([]);
    const again = await here.get(sent.headers["location"] ?? "").expect(200);
    expect(textOf(again.text)).toContain("show once more that it is you");
    expect(fieldsIn(again.text)).toMatchObject({ email: ada.email });
    await here.send("/sign-in", fieldsIn(again.text)).expect(303);
    const { headers } = await here.press(linkIn(mails.at(-1)));
    const back = await here.get(headers["location"] ?? "").expect(200);
    expect(fieldsIn(back.text)).toMatchObject({ email: "new@example.com" });
    await here.send("/account/email", fieldsIn(back.text)).expect(303);
    expect(mails.at(-1)).toMatchObject({ to: "new@example.com" });
  });
});
