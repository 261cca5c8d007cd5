import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { isBrokerUrl } from "./brokers/open.ts";
import { type Sender, senderOf } from "./mail/sender.ts";
import { type SmtpServer, smtpServerOf } from "./mail/smtp-server.ts";

/** All settings. Each may be in the environment or in the file `.env`. `.env.example` explains them. */
export interface Settings {
  readonly port: number;
  /** If undefined, on all addresses of the machine. */
  readonly bindAddress: string | undefined;
  /** Undefined for the embedded Postgres, which needs `DATABASE_URL=embedded` in production. */
  readonly databaseUrl: string | undefined;
  readonly readDatabaseUrl: string | undefined;
  readonly databasePool: number;
  readonly dataDirectory: string;
  /** With at most this many events, due views are built at the start. */
  readonly replayAtStart: number;
  /** If undefined, one is made and kept in the data directory. In production, it is always set. */
  readonly sessionSecret: string | undefined;
  /** An origin, such as "https://blog.example.com". */
  readonly publicUrl: string | undefined;
  /** Undefined: no mail is sent. While you develop, mails then go into a mailbox. Set together with `mailFrom`. */
  readonly smtpServer: SmtpServer | undefined;
  readonly mailFrom: Sender | undefined;
  /** True if people may publish only after they have confirmed their address. */
  readonly confirmAddress: boolean;
  readonly logLevel: LogLevel;
  /** Who asks for `/metrics` has to know it. Undefined: there is no such page. */
  readonly metricsToken: string | undefined;
  readonly rateLimit: boolean;
  readonly webConcurrency: number;
  /** Which subscriptions run in this program. */
  readonly subscriptions: "all" | "none" | readonly string[];
  /** Where events are published for other programs. Undefined: nowhere. */
  readonly broker: BrokerSettings | undefined;
  /** The origin of the search service. If undefined, the blog has no search. */
  readonly searchUrl: string | undefined;
  /** How many proxies are in front of the app. */
  readonly trustProxy: number;
  readonly production: boolean;
}

interface BrokerSettings {
  readonly address: { readonly url: string; readonly topic: string };
  /** Who published an event: an address of the web, or the topic. */
  readonly source: string;
  /** True if what is personal is published, too. */
  readonly withPersonal: boolean;
}

type LogLevel = (typeof logLevels)[number];

const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;

/** A setting that cannot be used. The message says which one, and what to write instead. */
export class SettingsNotValid extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `Please correct these settings (in the environment or in .env):\n${problems.map((each) => `  ${each}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

export function readSettings(env: NodeJS.ProcessEnv = environment()): Settings {
  const problems: string[] = [];
  const text = (name: string) => env[name]?.trim() || undefined;

  const wholeNumber = (name: string, unset: number, least: number, most: number): number => {
    const value = text(name) ?? String(unset);
    if (/^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    problems.push(
      `${name} is "${value}", but must be a whole number from ${least} to ${most}, as in ${name}=${unset}`,
    );
    return unset;
  };
  const word = <const Word extends string>(name: string, unset: Word, words: readonly Word[]): Word => {
    const value = text(name) ?? unset;
    const known = words.find((each) => each === value);
    if (known === undefined) {
      problems.push(`${name} is "${value}", but must be one of ${words.join(", ")}, as in ${name}=${unset}`);
    }
    return known ?? unset;
  };
  const production = word("NODE_ENV", "development", ["development", "production", "test"]) === "production";
  const postgresUrl = (name: string): string | undefined => {
    const value = text(name);
    if (value === undefined || isPostgresUrl(value)) return value;
    problems.push(
      `${name} is not the address of a Postgres, as in ${name}=postgres://user:password@localhost:5432/blog ` +
        "(in a password, # is written %23, and / %2F)",
    );
    return undefined;
  };
  const address = (name: string): string | undefined => {
    const value = text(name);
    if (value === undefined || value === "localhost" || isIP(value) > 0) return value;
    problems.push(`${name} is "${value}", but must be an address of this machine, as in ${name}=127.0.0.1`);
    return undefined;
  };
  const databaseUrl = (): string | undefined => {
    if (text("DATABASE_URL") === "embedded") return undefined;
    if (text("DATABASE_URL") !== undefined || !production) return postgresUrl("DATABASE_URL");
    problems.push(
      "DATABASE_URL is needed in production: the address of a Postgres, as in " +
        "DATABASE_URL=postgres://user:password@localhost:5432/blog; or, to use the embedded one in DATA_DIR, " +
        "DATABASE_URL=embedded",
    );
    return undefined;
  };
  const origin = (name: string, what: string, example: string): string | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
    problems.push(`${name} is "${value}", but must be the ${what}, without a path, as in ${name}=${example}`);
    return undefined;
  };
  const secret = (name: string, isNeeded: boolean): string | undefined => {
    const value = text(name);
    if (value === undefined ? !isNeeded : value.length >= 32) return value;
    // The value is a secret, so the message does not repeat it.
    problems.push(
      `${name} ${value === undefined ? "is needed in production" : "is too short"}: at least 32 characters, ` +
        `such as what this prints: node -p "crypto.randomBytes(32).toString('hex')"`,
    );
    return undefined;
  };
  const mail = <Value>(
    name: string,
    read: (text: string) => Value | undefined,
    what: string,
  ): Value | undefined => {
    const value = text(name);
    const used = value === undefined ? undefined : read(value);
    // The value may hold a password, so the message does not repeat it.
    if (value !== undefined && used === undefined) problems.push(`${name} is not ${what}`);
    return used;
  };

  const publicUrl = origin("PUBLIC_URL", "public address of the blog", "https://blog.example.com");
  const broker = (): BrokerSettings | undefined => {
    const [url, topic] = [text("BROKER_URL"), text("BROKER_TOPIC") ?? "sequent-blog"];
    const withPersonal = word("BROKER_PERSONAL", "off", ["on", "off"]) === "on";
    // The value may hold a password, so the message does not repeat it.
    if (url !== undefined && !isBrokerUrl(url)) problems.push(`BROKER_URL is not ${brokerUrlWanted}`);
    if (!/^[\w-]{1,100}$/.test(topic))
      problems.push(
        `BROKER_TOPIC is "${topic}", but must be letters, digits, - and _, as in BROKER_TOPIC=sequent-blog`,
      );
    return url === undefined
      ? undefined
      : { address: { url, topic }, source: publicUrl ?? `/${topic}`, withPersonal };
  };

  const settings: Settings = {
    port: wholeNumber("PORT", 3000, 0, 65535),
    bindAddress: address("BIND_ADDRESS"),
    databaseUrl: databaseUrl(),
    readDatabaseUrl: postgresUrl("READ_DATABASE_URL"),
    databasePool: wholeNumber("DATABASE_POOL", 10, 1, 1000),
    dataDirectory: text("DATA_DIR") ?? "data",
    replayAtStart: wholeNumber("REPLAY_AT_START", 10_000, 0, 999_999),
    sessionSecret: secret("SESSION_SECRET", production),
    publicUrl,
    smtpServer: mail("SMTP_URL", smtpServerOf, smtpUrlWanted),
    mailFrom: mail("MAIL_FROM", senderOf, senderWanted),
    confirmAddress: word("CONFIRM_ADDRESS", production ? "on" : "off", ["on", "off"]) === "on",
    logLevel: word("LOG_LEVEL", "info", logLevels),
    metricsToken: secret("METRICS_TOKEN", false),
    rateLimit: word("RATE_LIMIT", "on", ["on", "off"]) === "on",
    webConcurrency: wholeNumber("WEB_CONCURRENCY", 1, 1, 256),
    subscriptions: subscriptionsIn(text("SUBSCRIPTIONS") ?? "all"),
    broker: broker(),
    searchUrl: origin("SEARCH_URL", "address of the search service", "http://localhost:3002"),
    trustProxy: wholeNumber("TRUST_PROXY", 0, 0, 10),
    production,
  };
  if (settings.readDatabaseUrl && !settings.databaseUrl) {
    problems.push("READ_DATABASE_URL is set without DATABASE_URL: set both, or neither");
  }
  if (text("SMTP_URL") && !text("MAIL_FROM"))
    problems.push(`MAIL_FROM is needed with SMTP_URL: ${senderWanted}`);
  if (problems.length > 0) throw new SettingsNotValid(problems);
  return settings;
}

const smtpUrlWanted =
  "the address of a mail server, as in SMTP_URL=smtp://user:password@mail.example.com:587 " +
  "(in a password, # is written %23, and / %2F)";
const brokerUrlWanted =
  "the address of a message broker, as in BROKER_URL=nats://localhost:4222, amqp://guest:guest@localhost:5672 or " +
  "redis://localhost:6379 (in a password, # is written %23, and / %2F)";
const senderWanted = "who mails are from, as in MAIL_FROM=Blog <blog@example.com>";

/** People who sign in get their links by mail. Without a mail server, nobody could. */
export function requireMail({ production, smtpServer }: Pick<Settings, "production" | "smtpServer">): void {
  if (!production || smtpServer) return;
  throw new SettingsNotValid([
    `SMTP_URL is needed in production, because people sign in by mail: ${smtpUrlWanted}`,
    `MAIL_FROM is needed with SMTP_URL: ${senderWanted}`,
  ]);
}

function subscriptionsIn(value: string): Settings["subscriptions"] {
  if (value === "all" || value === "none") return value;
  return value.split(",").map((name) => name.trim());
}

function isPostgresUrl(value: string): boolean {
  if (!/^postgres(ql)?:\/\/\S+$/.test(value) || !URL.canParse(value)) return false;
  try {
    return decodeURI(value) !== "";
  } catch {
    return false; // a % that encodes nothing
  }
}

/** The environment takes precedence over `.env`. */
function environment(): NodeJS.ProcessEnv {
  if (existsSync(".env")) process.loadEnvFile(".env");
  return process.env;
}
