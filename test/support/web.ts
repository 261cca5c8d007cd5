import type { Express } from "express";
import request from "supertest";
import { beforeEach } from "vitest";
import type { BaseCommand } from "#sequent";
import type { CommandResult, JsonObject } from "#sequent/operations";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import { useBlog } from "./database.ts";
import { useFailureLog } from "./failure-log.ts";

type Fields = Readonly<Record<string, string | number | readonly string[]>>;

/**
 * A story at the level of HTTP: what was done before, what a person or a program sends, what comes back, and what
 * happened because of it.
 *
 *     await given(new AddAuthor({ aggregateId: ben, name: "Ben", email: "ben@example.com" }));
 *     const answer = await post(`/authors/${ben}/posts`, { title: "Hello", content: "World" });
 *     expect(await newEvents()).toEqual(["PostAdded", …]);
 *
 * Where a test fails, the errors behind its answers of 500 and more are printed.
 */
export function useWeb(options: Partial<AppOptions> = {}) {
  const context = useBlog();
  const log = useFailureLog();
  let position = "0";
  beforeEach(() => {
    position = "0";
  });

  let app: Express | undefined;
  const appWith = (overrides: Partial<AppOptions> = {}) => {
    const { commandService, queries } = context.blog;
    return createApp({ commandService, queries, log, ...options, ...overrides });
  };
  const host = options.publicUrl === undefined ? "localhost" : new URL(options.publicUrl).host;
  const client = (overrides?: Partial<AppOptions>) => {
    app ??= appWith();
    return request.agent(overrides ? appWith(overrides) : app).set("Host", host);
  };
  /** Not the log: that waits for every transaction on the server, those of other tests too. */
  const unread = async (): Promise<EventRow[]> => {
    const { rows } = await context.database.read.raw(eventsAfter, [position]);
    return rows;
  };

  return {
    context,
    client,

    /** Runs commands and looks away from what they led to. */
    async given(...commands: readonly BaseCommand[]): Promise<CommandResult[]> {
      const results: CommandResult[] = [];
      for (const command of commands) {
        results.push(...(await context.blog.commandService.executeCommands(command)));
      }
      position = (await unread()).at(-1)?.position ?? position;
      return results;
    },

    get: (path: string) => client().get(path).set("Accept", "text/html"),

    post: (path: string, fields: Fields = {}) =>
      client().post(path).type("form").set("Accept", "text/html").send(body(fields)),

    /** What happened since `given`. */
    async newEvents(): Promise<string[]> {
      return (await unread()).map(({ event_type }) => event_type);
    },

    /** What the last of them says. */
    async lastEvent(): Promise<JsonObject | undefined> {
      return (await unread()).at(-1)?.payload;
    },
  };
}

interface EventRow {
  readonly event_type: string;
  readonly payload: JsonObject;
  readonly position: string;
}

const eventsAfter =
  "select event_type, payload, position from sequent_schema.events where position > ? order by position";

/** A form as a browser sends it; a list is a field that stands there more than once. */
export function body(fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === "object" ? value : [value]).map((each): [string, string] => [name, String(each)]),
  );
  return new URLSearchParams(pairs).toString();
}

/** What a hidden field of a page holds. */
export function hiddenField(html: string, name: string): string {
  const [, value = ""] = new RegExp(`name="${name}" value="([^"]*)"`).exec(html) ?? [];
  return value;
}

/** The text of a page as a person reads it: without tags, and without the escapes of HTML. */
export function textOf(html: string): string {
  return unescaped(html.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ");
}

/** What a browser would send of the forms of a page, as they are. */
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
