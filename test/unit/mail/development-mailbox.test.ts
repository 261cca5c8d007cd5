import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { DevelopmentMailbox } from "../../../src/mail/development-mailbox.ts";
import { type Mail, MailNotSent } from "../../../src/mail/mail.ts";
import { mailing } from "../../../src/server/mailing.ts";
import { createWeb } from "../../../src/server/serve.ts";
import { readSettings } from "../../../src/settings.ts";
import { createLog } from "../../../src/web/logging/log.ts";
import { mailServer } from "../../support/mail-server.ts";
import { useShop } from "../../support/shop.ts";
import { textOf } from "../../support/web.ts";

const context = useShop();
beforeEach(() => context.database.write("web_schema.mailbox").delete());

const silent = createLog({ level: "silent" });
const smtp = { SMTP_URL: "smtp://mail.example.com", MAIL_FROM: "blog@example.com" };
const production = { NODE_ENV: "production", DATABASE_URL: "postgres://localhost/blog" };

function mailTo(to: string, more: Partial<Mail> = {}): Mail {
  return { to, subject: `Hello ${to}`, text: "Some text\n", html: "<p>Some text</p>", ...more };
}

const settingsWith = (env: NodeJS.ProcessEnv) =>
  readSettings({ RATE_LIMIT: "off", SESSION_SECRET: "s".repeat(32), ...env });

/** The whole program, as it starts with this in its environment. */
async function clientOf(env: NodeJS.ProcessEnv = {}) {
  const app = await createWeb(settingsWith(env), context.database, silent);
  return request.agent(app).set("Host", "localhost");
}

describe("the mailbox", () => {
  test("keeps mails for all processes, the newest first", async () => {
    const mailbox = new DevelopmentMailbox(context.database.write);
    await mailbox.send(mailTo("ann@example.com"));
    await mailbox.send(mailTo("ben@example.com", { subject: "Two" }));
    const [newest, older] = await new DevelopmentMailbox(context.database.write).mails();
    expect(newest).toEqual({
      to: "ben@example.com",
      subject: "Two",
      text: "Some text\n",
      sentAt: expect.any(Date),
    });
    expect(older).toMatchObject({ to: "ann@example.com" });
  });

  test("keeps the newest 100", async () => {
    const mailbox = new DevelopmentMailbox(context.database.write);
    for (let number = 1; number <= 103; number += 1) await mailbox.send(mailTo(`a${number}@example.com`));
    const mails = await mailbox.mails();
    expect(mails).toHaveLength(100);
    expect([mails[0]?.to, mails.at(-1)?.to]).toEqual(["a103@example.com", "a4@example.com"]);
  });

  test("each mail is a line in the log, which names the page and nobody", async () => {
    const lines: string[] = [];
    const log = createLog({ level: "info", write: (line) => lines.push(line) });
    const { mailer } = mailing(settingsWith({ PORT: "4000" }), context.database, log);
    await mailer.send(mailTo("ann@example.com"));
    expect(lines).toEqual([
      expect.stringContaining("A mail is in the mailbox: http://localhost:4000/dev/mailbox"),
    ]);
    expect(lines.join()).not.toContain("ann");
  });
});

describe("its page", () => {
  test.each(["/dev/mailbox", "/dev/mailbox.json"])("is for this machine only: %s", async (path) => {
    const client = await clientOf();
    await client.get(path).expect(200);
    await client.get(path).set("X-Forwarded-For", "127.0.0.1").expect(404);
    await client.get(path).set("Forwarded", "for=127.0.0.1").expect(404);
  });

  test("says what to do if there is no mail yet", async () => {
    const client = await clientOf();
    const { status, text, headers } = await client.get("/dev/mailbox");
    expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(textOf(text)).toContain("No mail yet.");
    expect((await client.get("/dev/mailbox.json")).body).toEqual([]);
  });

  test("shows the mails, with links to click, and everything in them as text", async () => {
    const { mailer } = mailing(settingsWith({}), context.database, silent);
    const text =
      'Open this page:\n\nhttps://blog.example.com/sign-in/x?a=1&b="2\n\n<b>Bold</b> ftp://x javascript:alert(1)\n';
    await mailer.send(mailTo("ann@example.com"));
    await mailer.send(mailTo("ben@example.com", { subject: "<i>Hi</i>", text }));
    const page = (await (await clientOf()).get("/dev/mailbox")).text;
    const link = "https://blog.example.com/sign-in/x?a=1&amp;b=&#34;2";
    expect(page).toContain(`<a href="${link}">${link}</a>`);
    expect(page).toContain("&lt;b&gt;Bold&lt;/b&gt; ftp://x javascript:alert(1)");
    expect(page).toContain("&lt;i&gt;Hi&lt;/i&gt;");
    expect(page.indexOf("ben@example.com")).toBeLessThan(page.indexOf("ann@example.com"));
    expect(page).toContain('<meta name="robots" content="noindex">');
  });

  test("gives the same to tests, as JSON", async () => {
    await mailing(settingsWith({}), context.database, silent).mailer.send(mailTo("ann@example.com"));
    const { body, headers } = await (await clientOf()).get("/dev/mailbox.json");
    expect(headers["cache-control"]).toBe("no-store");
    expect(body).toEqual([
      {
        to: "ann@example.com",
        subject: "Hello ann@example.com",
        text: "Some text\n",
        sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    ]);
  });

  test.each([
    ["while developing", {}, 200],
    ["in tests", { NODE_ENV: "test" }, 200],
    ["with a mail server", smtp, 404],
    ["in production", { ...production, ...smtp }, 404],
    ["in production without a mail server", production, 404],
  ])("%s: %s %i", async (_, env, status) => {
    const client = await clientOf(env);
    expect((await client.get("/dev/mailbox")).status).toBe(status);
    expect((await client.get("/dev/mailbox.json")).status).toBe(status);
  });
});

test("with a mail server, mails go there", async () => {
  const server = await mailServer();
  const env = { ...smtp, SMTP_URL: `smtp://127.0.0.1:${server.port}` };
  await mailing(settingsWith(env), context.database, silent).mailer.send(mailTo("ann@example.com"));
  expect(server.mails).toMatchObject([{ from: "blog@example.com", to: ["ann@example.com"] }]);
});

test("why a mail was not sent is in the log, without the address", async () => {
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(line) });
  const { mailer } = mailing(
    settingsWith({ ...smtp, SMTP_URL: "smtp://127.0.0.1:1" }),
    context.database,
    log,
  );
  await expect(mailer.send(mailTo("ann@example.com"))).rejects.toThrow(MailNotSent);
  expect(lines).toEqual([expect.stringMatching(/"level":"error".*ECONNREFUSED.*"mail not sent"/)]);
  expect(lines.join()).not.toMatch(/\bann\b|example\.com/);
});

test("in production without a mail server, nobody waits for a mail that is not sent", async () => {
  const { mailer } = mailing(settingsWith(production), context.database, silent);
  await expect(mailer.send(mailTo("ann@example.com"))).rejects.toThrow(MailNotSent);
});
