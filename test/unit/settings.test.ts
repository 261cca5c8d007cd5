import { expect, test } from "vitest";
import { readSettings, SettingsNotValid } from "../../src/settings.ts";

test("nothing needs to be set", () => {
  expect(readSettings({})).toEqual({
    port: 3000,
    databaseUrl: undefined,
    readDatabaseUrl: undefined,
    databasePool: 10,
    dataDirectory: "data",
    replayAtStart: 10_000,
    sessionSecret: undefined,
    publicUrl: undefined,
    logLevel: "info",
    rateLimit: true,
    webConcurrency: 1,
    trustProxy: 0,
    production: false,
  });
});

test("each setting is taken from the environment", () => {
  const settings = readSettings({
    PORT: "8080",
    DATABASE_URL: "postgres://blog@localhost/blog",
    READ_DATABASE_URL: "postgresql://blog@replica/blog",
    DATABASE_POOL: " 20 ",
    DATA_DIR: "/var/lib/blog",
    REPLAY_AT_START: "0",
    SESSION_SECRET: "s".repeat(32),
    PUBLIC_URL: "https://Blog.Example.com/",
    LOG_LEVEL: "warn",
    RATE_LIMIT: "off",
    WEB_CONCURRENCY: "4",
    TRUST_PROXY: "1",
    NODE_ENV: "production",
  });
  expect(settings).toEqual({
    port: 8080,
    databaseUrl: "postgres://blog@localhost/blog",
    readDatabaseUrl: "postgresql://blog@replica/blog",
    databasePool: 20,
    dataDirectory: "/var/lib/blog",
    replayAtStart: 0,
    sessionSecret: "s".repeat(32),
    publicUrl: "https://blog.example.com",
    logLevel: "warn",
    rateLimit: false,
    webConcurrency: 4,
    trustProxy: 1,
    production: true,
  });
});

test("an empty setting is as one that is not set", () => {
  expect(readSettings({ PORT: "", PUBLIC_URL: " ", SESSION_SECRET: "" })).toEqual(readSettings({}));
});

test("production is written out, for anything else would be a blog that is open to all", () => {
  expect(problemsOf({ NODE_ENV: "prod" })).toEqual([
    'NODE_ENV is "prod", but must be one of development, production, test, as in NODE_ENV=development',
  ]);
});

test("production needs a secret, of some length", () => {
  expect(() => readSettings({ NODE_ENV: "production" })).toThrow(
    /SESSION_SECRET is needed in production.*node -p/,
  );
  expect(() => readSettings({ SESSION_SECRET: "too short" })).toThrow(/SESSION_SECRET is too short/);
});

test("production needs a database that somebody chose: a server, or in so many words the embedded one", () => {
  const production = { NODE_ENV: "production", SESSION_SECRET: "s".repeat(32) };
  expect(problemsOf(production)).toEqual([
    expect.stringMatching(
      /^DATABASE_URL is needed in production: .*as in DATABASE_URL=postgres:.*DATABASE_URL=embedded$/,
    ),
  ]);
  expect(readSettings({ ...production, DATABASE_URL: "embedded" }).databaseUrl).toBeUndefined();
  expect(readSettings({ DATABASE_URL: "embedded" })).toEqual(readSettings({}));
});

test("a message does not repeat the secret", () => {
  expect(problemsOf({ SESSION_SECRET: "hunter2" }).join()).not.toContain("hunter2");
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

test("all problems come at once, each with what to write instead", () => {
  const problems = problemsOf({
    PORT: "99999",
    DATABASE_POOL: "many",
    READ_DATABASE_URL: "mysql://localhost",
    LOG_LEVEL: "loud",
    RATE_LIMIT: "no",
    WEB_CONCURRENCY: "0",
    TRUST_PROXY: "true",
  });
  expect(problems).toHaveLength(7);
  for (const problem of problems) expect(problem).toMatch(/as in [A-Z_]+=/);
});

test("READ_DATABASE_URL needs DATABASE_URL", () => {
  const READ_DATABASE_URL = "postgres://localhost/blog";
  expect(problemsOf({ READ_DATABASE_URL })).toHaveLength(1);
  expect(problemsOf({ READ_DATABASE_URL, DATABASE_URL: "embedded" })).toHaveLength(1);
});

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsNotValid) return error.problems;
  }
  throw new Error("The settings were taken as they are.");
}
