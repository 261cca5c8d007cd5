import { expect, test } from "vitest";
import { readSettings, requireMail, SettingsNotValid } from "../../src/settings.ts";
import { read } from "../support/files.ts";

const mail = { SMTP_URL: "smtp://localhost:1025", MAIL_FROM: "blog@example.com" };

test("nothing needs to be set", () => {
  expect(readSettings({})).toEqual({
    port: 3000,
    bindAddress: undefined,
    databaseUrl: undefined,
    readDatabaseUrl: undefined,
    databasePool: 10,
    dataDirectory: "data",
    replayAtStart: 10_000,
    sessionSecret: undefined,
    publicUrl: undefined,
    smtpServer: undefined,
    mailFrom: undefined,
    confirmAddress: false,
    logLevel: "info",
    metricsToken: undefined,
    rateLimit: true,
    webConcurrency: 1,
    subscriptions: "all",
    broker: undefined,
    searchUrl: undefined,
    trustProxy: 0,
    production: false,
  });
});

test("each setting is taken from the environment", () => {
  const settings = readSettings({
    PORT: "8080",
    BIND_ADDRESS: "127.0.0.1",
    DATABASE_URL: "postgres://blog@localhost/blog",
    READ_DATABASE_URL: "postgresql://blog@replica/blog",
    DATABASE_POOL: " 20 ",
    DATA_DIR: "/var/lib/blog",
    REPLAY_AT_START: "0",
    SESSION_SECRET: "s".repeat(32),
    PUBLIC_URL: "https://WWW.Example.com/",
    SMTP_URL: "smtp://user:secret@mail.example.com",
    MAIL_FROM: "Blog <blog@example.com>",
    CONFIRM_ADDRESS: "off",
    LOG_LEVEL: "warn",
    METRICS_TOKEN: "m".repeat(32),
    RATE_LIMIT: "off",
    WEB_CONCURRENCY: "4",
    SUBSCRIPTIONS: "Search, Tracker",
    BROKER_URL: "nats://broker.example.com",
    BROKER_TOPIC: "our-blog",
    BROKER_PERSONAL: "on",
    SEARCH_URL: "http://localhost:3002/",
    TRUST_PROXY: "1",
    NODE_ENV: "production",
  });
  expect(settings).toEqual({
    port: 8080,
    bindAddress: "127.0.0.1",
    databaseUrl: "postgres://blog@localhost/blog",
    readDatabaseUrl: "postgresql://blog@replica/blog",
    databasePool: 20,
    dataDirectory: "/var/lib/blog",
    replayAtStart: 0,
    sessionSecret: "s".repeat(32),
    publicUrl: "https://www.example.com",
    smtpServer: {
      host: "mail.example.com",
      port: 587,
      tls: "required",
      login: { user: "user", password: "secret" },
    },
    mailFrom: { name: "Blog", address: "blog@example.com" },
    confirmAddress: false,
    logLevel: "warn",
    metricsToken: "m".repeat(32),
    rateLimit: false,
    webConcurrency: 4,
    subscriptions: ["Search", "Tracker"],
    broker: {
      address: { url: "nats://broker.example.com", topic: "our-blog" },
      source: "https://www.example.com",
      withPersonal: true,
    },
    searchUrl: "http://localhost:3002",
    trustProxy: 1,
    production: true,
  });
});

test("an empty setting counts as not set", () => {
  expect(readSettings({ PORT: "", PUBLIC_URL: " ", SESSION_SECRET: "" })).toEqual(readSettings({}));
});

test("production must be spelt out, because otherwise the blog would be open to everybody", () => {
  expect(problemsOf({ NODE_ENV: "prod" })).toEqual([
    'NODE_ENV is "prod", but must be one of development, production, test, as in NODE_ENV=development',
  ]);
});

test("production needs a secret of a minimum length", () => {
  expect(() => readSettings({ NODE_ENV: "production" })).toThrow(
    /SESSION_SECRET is needed in production.*node -p/,
  );
  expect(() => readSettings({ SESSION_SECRET: "too short" })).toThrow(/SESSION_SECRET is too short/);
});

test("production needs a chosen database: a server, or explicitly the embedded one", () => {
  const production = { NODE_ENV: "production", SESSION_SECRET: "s".repeat(32), ...mail };
  expect(problemsOf(production)).toEqual([
    expect.stringMatching(
      /^DATABASE_URL is needed in production: .*as in DATABASE_URL=postgres:.*DATABASE_URL=embedded$/,
    ),
  ]);
  expect(readSettings({ ...production, DATABASE_URL: "embedded" }).databaseUrl).toBeUndefined();
  expect(readSettings({ DATABASE_URL: "embedded" })).toEqual(readSettings({}));
});

test("production needs a mail server and a sender, if people sign in by mail", () => {
  const production = {
    NODE_ENV: "production",
    SESSION_SECRET: "s".repeat(32),
    DATABASE_URL: "postgres://localhost/blog",
  };
  expect(() => requireMail(readSettings(production))).toThrow(
    /SMTP_URL is needed in production, .* as in SMTP_URL=smtp:\/\/user:password@mail\.example\.com:587 .*\n {2}MAIL_FROM is needed/,
  );
  requireMail(readSettings({ ...production, ...mail }));
  requireMail(readSettings({}));
});

test("a mail server needs a sender", () => {
  expect(problemsOf({ SMTP_URL: mail.SMTP_URL })).toEqual([
    expect.stringMatching(/^MAIL_FROM is needed with SMTP_URL: /),
  ]);
  expect(problemsOf({ ...mail, MAIL_FROM: "Blog" })).toEqual([
    expect.stringMatching(/^MAIL_FROM is not who mails are from, as in /),
  ]);
});

test("a broker is NATS, RabbitMQ or Redis, and its topic is a plain name", () => {
  expect(readSettings({ BROKER_URL: "redis://localhost" }).broker).toEqual({
    address: { url: "redis://localhost", topic: "sequent-blog" },
    source: "/sequent-blog",
    withPersonal: false,
  });
  const BROKER_URL = "nats://one:4222,nats://two:4222";
  expect(readSettings({ BROKER_URL }).broker?.address.url).toBe(BROKER_URL);
  for (const BROKER_URL of [
    "kafka://user:hunter2@localhost",
    "nats:localhost",
    "localhost:4222",
    "nats://one,two",
  ])
    expect(problemsOf({ BROKER_URL })).toEqual([
      expect.stringMatching(/^BROKER_URL is not the address of a message broker, as in (?!.*hunter2)/),
    ]);
  expect(problemsOf({ BROKER_TOPIC: "our.blog" })).toEqual([
    expect.stringMatching(/^BROKER_TOPIC is "our\.blog", but must be letters, .* as in BROKER_TOPIC=/),
  ]);
});

test("production wants confirmed addresses, unless it is told not to", () => {
  const production = {
    NODE_ENV: "production",
    SESSION_SECRET: "s".repeat(32),
    DATABASE_URL: "embedded",
    ...mail,
  };
  expect(readSettings(production).confirmAddress).toBe(true);
  expect(readSettings({ ...production, CONFIRM_ADDRESS: "off" }).confirmAddress).toBe(false);
  expect(readSettings({ CONFIRM_ADDRESS: "on" }).confirmAddress).toBe(true);
  expect(problemsOf({ CONFIRM_ADDRESS: "yes" })).toEqual([
    'CONFIRM_ADDRESS is "yes", but must be one of on, off, as in CONFIRM_ADDRESS=off',
  ]);
});

test("a message does not repeat a secret", () => {
  expect(problemsOf({ SESSION_SECRET: "hunter2" }).join()).not.toContain("hunter2");
  expect(problemsOf({ ...mail, SMTP_URL: "smtp://user:hunter2@x?y" })).toEqual([
    expect.stringMatching(/^SMTP_URL is not the address of a mail server, as in (?!.*hunter2)/),
  ]);
});

test.each([
  "blog.example.com",
  "ftp://blog.example.com",
  "https://blog.example.com/blog",
  "https://user@blog.example.com",
  "https://blog.example.com?a=1",
  "https://",
])("PUBLIC_URL=%s is refused", (value) => {
  expect(problemsOf({ PUBLIC_URL: value })).toEqual([
    expect.stringMatching(/PUBLIC_URL is .* as in PUBLIC_URL=https/),
  ]);
});

test("the search service is an origin", () => {
  expect(problemsOf({ SEARCH_URL: "localhost:3002" })).toEqual([
    expect.stringMatching(
      /^SEARCH_URL is "localhost:3002", but .* as in SEARCH_URL=http:\/\/localhost:3002$/,
    ),
  ]);
});

test("all problems are reported at once, each with what to write instead", () => {
  const problems = problemsOf({
    PORT: "99999",
    BIND_ADDRESS: "ada-s-laptop",
    DATABASE_POOL: "many",
    READ_DATABASE_URL: "mysql://localhost",
    LOG_LEVEL: "loud",
    RATE_LIMIT: "no",
    WEB_CONCURRENCY: "0",
    TRUST_PROXY: "true",
  });
  expect(problems).toHaveLength(8);
  for (const problem of problems) expect(problem).toMatch(/as in [A-Z_]+=/);
});

test("READ_DATABASE_URL needs DATABASE_URL", () => {
  const READ_DATABASE_URL = "postgres://localhost/blog";
  expect(problemsOf({ READ_DATABASE_URL })).toHaveLength(1);
  expect(problemsOf({ READ_DATABASE_URL, DATABASE_URL: "embedded" })).toHaveLength(1);
});

test("each setting is explained in .env.example and on its page, with its default", () => {
  const asked = new Set<string>();
  readSettings(new Proxy<NodeJS.ProcessEnv>({}, { get: (_, name) => void asked.add(String(name)) }));
  const example = read(".env.example");
  const inExample = [...example.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name);
  const [, table = ""] = /^## Settings\n([\s\S]*?)\n## /m.exec(read("docs/reference/configuration.md")) ?? [];
  const onPage = [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
  expect(new Set(inExample)).toEqual(asked);
  expect(new Set(onPage)).toEqual(asked);
  const defaults = [...example.matchAll(/^([A-Z_]+)=(.*)/gm)].map(([, name = "", value = ""]) => [
    name,
    value,
  ]);
  expect(defaults.length).toBeGreaterThan(5);
  expect(readSettings(Object.fromEntries(defaults))).toEqual(readSettings({}));
  for (const [name, value] of defaults)
    expect(table).toMatch(new RegExp(`^\\| \`${name}\` .*\\| \`?${value}\`? +\\|$`, "m"));
});

function problemsOf(...given: Parameters<typeof readSettings>): readonly string[] {
  try {
    readSettings(...given);
  } catch (error) {
    if (error instanceof SettingsNotValid) return error.problems;
  }
  throw new Error("The settings were taken as they are.");
}
