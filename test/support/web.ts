import type { Express } from "express";
import request from "supertest";
import { beforeEach } from "vitest";
import type { BaseCommand } from "#sequent";
import type { CommandResult, JsonObject } from "#sequent/operations";
import { accounts } from "../../src/accounts.ts";
import { byProgram } from "../../src/bin/by-program.ts";
import type { Mail } from "../../src/mail/mail.ts";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import { useBlog } from "./database.ts";
import { useFailureLog } from "./failure-log.ts";
import { beginSession, signInOfSomebody, storeWithSomebody } from "./sessions.ts";

type Fields = Readonly<Record<string, string | number | readonly string[]>>;

/**
 * A story over HTTP: the earlier commands, the request of a person or a program, its answer, and the new events.
 *
 *     await given(new AddAuthor({ aggregateId: ben, name: "Ben", email: "ben@example.com" }));
 *     const answer = await send(`/authors/${ben}/posts`, { title: "Hello", content: "World" });
 *     expect(await newEvents()).toEqual(["PostAdded", …]);
 *
 * If a test fails, the errors behind its answers of 500 and more are printed.
 */
export function useWeb(options: Partial<AppOptions> = {}) {
  const context = useBlog();
  const log = useFailureLog();
  let position = "0";
  let last: EventRow | undefined;
  let cookie: string | undefined;
  const mails: Mail[] = [];
  beforeEach(() => {
    position = "0";
    last = undefined;
    cookie = undefined;
    mails.length = 0;
  });

  let app: Express | undefined;
  const appWith = (overrides: Partial<AppOptions> = {}) => {
    const { commandService, queries } = context.blog;
    const mailer = { send: async (mail: Mail) => void mails.push(mail) };
    const signIn = accounts && { accounts, mailer, store: storeWithSomebody(context.database, accounts) };
    return createApp({ commandService, queries, log, signIn, ...options, ...overrides });
  };
  const host = options.publicUrl === undefined ? "localhost" : new URL(options.publicUrl).host;
  const client = (overrides?: Partial<AppOptions>) => {
    app ??= appWith();
    const agent = request.agent(overrides ? appWith(overrides) : app).set("Host", host);
    if (cookie) agent.jar.setCookie(cookie, "127.0.0.1", "/");
    return agent;
  };
  /** Not from the log, which waits for every transaction of the server, also for those of other tests. */
  const unread = async (): Promise<EventRow[]> => {
    const { rows } = await context.database.read.raw<{ rows: EventRow[] }>(eventsAfter, [position]);
    position = rows.at(-1)?.position ?? position;
    last = rows.at(-1) ?? last;
    return rows;
  };

  return {
    context,
    client,

    /** The mails of this test, the oldest first. */
    mails,

    /** Runs commands, as a program that may act for anybody, and ignores their events. */
    async given(...commands: readonly BaseCommand[]): Promise<CommandResult[]> {
      const results: CommandResult[] = [];
      for (const command of commands) {
        await asTest(command, undefined);
        results.push(...(await context.blog.commandService.executeCommands(command)));
      }
      await unread();
      last = undefined;
      return results;
    },

    /** From now on, the requests of this test come from somebody who is signed in to this account, or from nobody. */
    async signedInAs(accountId: string | undefined): Promise<void> {
      const isSecure = options.publicUrl?.startsWith("https:");
      const name = isSecure ? "__Host-session" : "session";
      cookie = accountId && `${name}=${await beginSession(context.database, accountId)}`;
    },

    /** The same for a person without an account here: for pages that any visitor may use. */
    signedInAsSomebody(): void {
      cookie = `session=${signInOfSomebody}`;
    },

    get: (path: string) => client().get(path).set("Accept", "text/html"),

    send: (path: string, fields: Fields = {}) =>
      client().post(path).type("form").set("Accept", "text/html").send(body(fields)),

    /** The events since `given`, or since it was last called. */
    async newEvents(): Promise<string[]> {
      return (await unread()).map(({ event_type }) => event_type);
    },

    /** The values of the last event since `given`. */
    async lastEvent(): Promise<JsonObject | undefined> {
      await unread();
      return last?.payload;
    },
  };
}

const asTest = byProgram("test");

interface EventRow {
  readonly event_type: string;
  readonly payload: JsonObject;
  readonly position: string;
}

const eventsAfter =
  "select event_type, payload, position from sequent_schema.events where position > ? order by position";

/** A form as a browser sends it. A list is a field that is sent more than once. */
export function body(fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === "object" ? value : [value]).map((each): [string, string] => [name, String(each)]),
  );
  return new URLSearchParams(pairs).toString();
}

/** The value of a hidden field of a page. */
export function hiddenField(html: string, name: string): string {
  const [, value = ""] = new RegExp(`name="${name}" value="([^"]*)"`).exec(html) ?? [];
  return value;
}

/** The text of a page as a person reads it: without tags, and without the escapes of HTML. */
export function textOf(html: string): string {
  return unescaped(html.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ");
}

/** What a browser would send if the forms of a page are not changed. */
export function fieldsIn(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const tag of html.matchAll(/<(input|textarea|select)((?:"[^"]*"|[^">])*)>/g)) {
    const [whole, kind, attributes = ""] = tag;
    const attribute = (name: string) =>
      unescaped(new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    const after = html.slice(tag.index + whole.length);
    const name = attribute("name");
    if (kind === "textarea") fields[name] = unescaped(/^\n([^<]*)</.exec(after)?.[1] ?? "");
    else if (kind === "select")
      fields[name] = /value="([^"]*)" selected/.exec(after.split("</select>")[0] ?? "")?.[1] ?? "";
    else if (!attributes.includes('type="checkbox"') || / checked/.test(attributes))
      fields[name] = attribute("value");
  }
  return fields;
}

function unescaped(text: string): string {
  const escapes: Record<string, string> = { lt: "<", gt: ">", amp: "&", "#34": '"', "#39": "'", quot: '"' };
  return text.replace(/&(\w+|#\d+);/g, (whole, name) => escapes[name] ?? whole);
}
