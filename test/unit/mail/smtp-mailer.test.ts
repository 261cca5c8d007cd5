import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeError } from "#sequent/operations";
import { type Mail, MailNotSent } from "../../../src/mail/mail.ts";
import { type MailTimeouts, SmtpMailer } from "../../../src/mail/smtp-mailer.ts";
import { smtpServerOf } from "../../../src/mail/smtp-server.ts";
import { mailServer, scriptedServer } from "../../support/mail-server.ts";

const link = `https://blog.example.com/sign-in/${"x".repeat(22)}`;
const mail: Mail = {
  to: "ann.smith@example.org",
  subject: "Sign in to the Blog of Zoë",
  text: `Open this page:\n\n${link}\n`,
  html: `<p><a href="${link}">${link}</a></p>\n`,
};
const from = { name: "The Blog, of Zoë", address: "blog@example.com" };
const quick = { connect: 5_000, greeting: 5_000, all: 400 };

function mailerTo(url: string, timeouts?: MailTimeouts): SmtpMailer {
  const server = smtpServerOf(url);
  if (!server) throw new TypeError(`${url} is not understood.`);
  return new SmtpMailer(server, from, timeouts);
}

/** Why the mail was not sent, as it would be in the log, and how long that took. */
async function failure(
  mailer: SmtpMailer,
  sent: Mail = mail,
): Promise<{ logged: string; ms: number; isRefused: boolean }> {
  const started = performance.now();
  const error = await mailer.send(sent).then(
    () => new Error("It was sent."),
    (reason) => reason,
  );
  const ms = performance.now() - started;
  expect(error).toBeInstanceOf(MailNotSent);
  const logged = JSON.stringify(describeError(error));
  expect(logged).not.toMatch(/ann|smith|example\.org/i);
  return { logged, ms, isRefused: error.isRefused };
}

test("a mail arrives, from the sender, at one address, as text and as HTML", async () => {
  const server = await mailServer();
  await mailerTo(`smtp://127.0.0.1:${server.port}`).send(mail);
  expect(server.mails).toMatchObject([{ from: "blog@example.com", to: ["ann.smith@example.org"] }]);
  const { source = "" } = server.mails[0] ?? {};
  expect(source).toMatch(/^From: =\?UTF-8\?Q\?.* <blog@example\.com>\r$/im);
  expect(source).toMatch(/^To: ann\.smith@example\.org\r$/m);
  expect(source).toMatch(/^Message-ID: <[0-9a-f-]{36}@example\.com>\r$/im);
  expect(source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(source).toMatch(/^Date: .+ \+0000\r$/m);
  expect(source).toContain(`Open this page:\r\n\r\n${link}\r\n`);
  expect(source).toContain(`<p><a href="${link}">${link}</a></p>`);
});

test("each mail has an id of its own, and a connection of its own", async () => {
  let connections = 0;
  const server = await mailServer({
    onConnect(_session, done) {
      connections += 1;
      done();
    },
  });
  const mailer = mailerTo(`smtp://127.0.0.1:${server.port}`);
  await Promise.all([mailer.send(mail), mailer.send(mail), mailer.send(mail)]);
  const ids = server.mails.map(({ source }) => /^Message-ID: (.*)\r$/im.exec(source)?.[1]);
  expect([new Set(ids).size, connections]).toEqual([3, 3]);
});

test("a mail with an id can be recognised, and one with a link to end such mails says so in its headers", async () => {
  const server = await mailServer();
  const unsubscribe = "https://blog.example.com/unsubscribe/0198f1c1.x";
  await mailerTo(`smtp://127.0.0.1:${server.port}`).send({ ...mail, id: "0198f1c1:7", unsubscribe });
  const { source = "" } = server.mails[0] ?? {};
  expect(source).toMatch(/^Message-ID: <0198f1c1\.7@example\.com>\r$/im);
  expect(source).toMatch(/^List-Unsubscribe: <https:\/\/blog\.example\.com\/unsubscribe\/0198f1c1\.x>\r$/m);
  expect(source).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
});

test("it signs in at the server with the user and the password of the URL", async () => {
  const logins: unknown[] = [];
  const server = await mailServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      logins.push([username, password]);
      done(null, { user: username ?? "" });
    },
  });
  await mailerTo(`smtp://us%40er:p%23%2F%3A@127.0.0.1:${server.port}`).send(mail);
  expect(logins).toEqual([["us@er", "p#/:"]]);
  expect(server.mails).toHaveLength(1);
});

test("a wrong password of the server: the reason is in the log, and the password is not", async () => {
  const server = await mailServer({
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(new Error("No such login")),
  });
  const { logged, isRefused } = await failure(mailerTo(`smtp://user:hunter2@127.0.0.1:${server.port}`));
  expect(logged).toMatch(/EAUTH/);
  expect(isRefused).toBe(false); // the mail is not the reason
  expect(logged).not.toContain("hunter2");
});

test("a refused recipient: the log has what the server said, without the address", async () => {
  const server = await mailServer({
    onRcptTo({ address }, _session, done) {
      done(
        Object.assign(new Error(`5.1.1 <${address}>: user ann.smith unknown in EXAMPLE.ORG`), {
          responseCode: 550,
        }),
      );
    },
  });
  const { logged, isRefused } = await failure(mailerTo(`smtp://127.0.0.1:${server.port}`));
  expect(isRefused).toBe(true);
  expect(logged).toMatch(/550 5\.1\.1 \[…\] user \[…\] unknown in \[…\] \(EENVELOPE, RCPT TO\)/);
  expect(server.mails).toEqual([]);
});

test.each([
  ["for now", 451, "4.7.1 Greylisted", false],
  ["for good", 554, "5.7.1 Spam", true],
])("a refused mail, %s", async (_, responseCode, why, refused) => {
  const server = await mailServer({
    onData(stream, _session, done) {
      stream.resume();
      stream.on("end", () => done(Object.assign(new Error(why), { responseCode })));
    },
  });
  const { logged, isRefused } = await failure(mailerTo(`smtp://127.0.0.1:${server.port}`));
  expect(logged).toContain(`${responseCode} ${why} (EMESSAGE`);
  expect(isRefused).toBe(refused);
});

test("a refused connection", async () => {
  const { logged } = await failure(mailerTo("smtp://127.0.0.1:1"));
  expect(logged).toMatch(/ECONNREFUSED/);
});

test("an unknown server", async () => {
  const { ms } = await failure(mailerTo("smtp://mail.invalid"));
  expect(ms).toBeLessThan(6_000);
});

test("a server that says it has no time", async () => {
  const server = await scriptedServer(() => "421 4.3.2 Too busy");
  const { logged } = await failure(mailerTo(`smtp://127.0.0.1:${server.port}`));
  expect(logged).toContain("421 4.3.2 Too busy");
});

test("a server that says nothing is given up after the time for a greeting", async () => {
  const server = await scriptedServer(() => undefined);
  const timeouts = { connect: 5_000, greeting: 200, all: 10_000 };
  const { logged, ms } = await failure(mailerTo(`smtp://127.0.0.1:${server.port}`, timeouts));
  expect(logged).toMatch(/Greeting never received.*ETIMEDOUT/);
  expect(ms).toBeGreaterThan(180);
  expect(ms).toBeLessThan(3_000);
});

const answers: Record<string, string> = {
  connected: "220 mail.example.net",
  EHLO: "250 mail.example.net",
  MAIL: "250 ok",
  RCPT: "250 ok",
  DATA: "354 go on",
  ".": "250 accepted",
};
const answerTo = (line: string) => answers[line.split(" ")[0] ?? ""];

test.each(["EHLO", "MAIL", "RCPT", "DATA", "."])(
  "a server that stalls after %s is given up in time",
  async (word) => {
    const server = await scriptedServer((line) => (line.split(" ")[0] === word ? undefined : answerTo(line)));
    const { logged, ms } = await failure(mailerTo(`smtp://127.0.0.1:${server.port}`, quick));
    expect(logged).toContain("EABORT");
    expect(ms).toBeGreaterThan(quick.all - 20);
    expect(ms).toBeLessThan(3_000);
  },
);

test("a server that trickles its answers is given up in time", async () => {
  const server = await scriptedServer((line, socket) => {
    if (line !== "connected") return undefined;
    socket.write("220-wel");
    const timer = setInterval(() => socket.write("come\r\n220-"), 50);
    socket.on("close", () => clearInterval(timer));
    return undefined;
  });
  const { ms } = await failure(mailerTo(`smtp://127.0.0.1:${server.port}`, quick));
  expect(ms).toBeLessThan(3_000);
});

test.each(["connected", "EHLO", "RCPT", "DATA", "."])(
  "a server that drops the connection after %j",
  async (word) => {
    const server = await scriptedServer((line, socket) => {
      if (line.split(" ")[0] !== word) return answerTo(line);
      socket.destroy();
      return undefined;
    });
    const { ms } = await failure(mailerTo(`smtp://127.0.0.1:${server.port}`));
    expect(ms).toBeLessThan(3_000);
  },
);

test("a server that answers late, but in time, gets the mail", async () => {
  const server = await scriptedServer((line, socket) => {
    const answer = answerTo(line);
    if (answer) void sleep(60).then(() => socket.write(`${answer}\r\n`));
    return undefined;
  });
  await mailerTo(`smtp://127.0.0.1:${server.port}`).send(mail);
  expect(server.lines).toContain("RCPT TO:<ann.smith@example.org>");
});

test("where TLS is required, a server without it learns nothing", async () => {
  const server = await scriptedServer((line) => answerTo(line) ?? "502 not here");
  const { logged } = await failure(mailerTo(`smtp://user:secret@127.0.0.1:${server.port}?tls=required`));
  expect(logged).toMatch(/STARTTLS/);
  expect(server.lines.filter((line) => !/^(EHLO|STARTTLS)\b/.test(line))).toEqual([]);
});

test("a certificate that nobody vouches for is refused", async () => {
  const server = await mailServer({ disabledCommands: [] });
  const { logged } = await failure(mailerTo(`smtp://localhost:${server.port}?tls=required`));
  expect(logged).toMatch(/certificate/);
  const secure = await mailServer({ secure: true });
  expect((await failure(mailerTo(`smtps://localhost:${secure.port}`))).logged).toMatch(/certificate/);
  expect([...server.mails, ...secure.mails]).toEqual([]);
});

test("smtps at a port without TLS", async () => {
  const server = await mailServer();
  const { ms } = await failure(mailerTo(`smtps://127.0.0.1:${server.port}`));
  expect(ms).toBeLessThan(3_000);
  expect(server.mails).toEqual([]);
});

test("on this machine, TLS is not needed, even if the server offers it", async () => {
  const server = await mailServer({ disabledCommands: [] });
  await mailerTo(`smtp://localhost:${server.port}`).send(mail);
  expect(server.mails).toHaveLength(1);
});

test.each([
  '"evil@example.net x"@example.org',
  "ann@example.org, evil@example.net",
  "ann@example.org\r\nBcc: evil@example.net",
  "Ann <ann@example.org>",
  "ann@example.org>",
  "ann(evil@example.net)@example.org",
  "=?utf-8?q?ann=40example.net=3e?=@example.org",
  "ann",
  "",
])("an address that is not one plain address gets nothing: %j", async (to) => {
  const server = await mailServer();
  await failure(mailerTo(`smtp://127.0.0.1:${server.port}`), { ...mail, to });
  expect(server.mails).toEqual([]);
});

test("a line break in a subject makes no header", async () => {
  const server = await mailServer();
  const subject = "Hello\r\nBcc: evil@example.net";
  await mailerTo(`smtp://127.0.0.1:${server.port}`).send({ ...mail, subject });
  expect(server.mails).toMatchObject([{ to: [mail.to] }]);
  expect(server.mails[0]?.source).not.toMatch(/^Bcc:/m);
});
