import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createWeb } from "../../src/server/serve.ts";
import { readSettings } from "../../src/settings.ts";
import { createLog } from "../../src/web/logging/log.ts";
import { hashOf, newLinkToken, newToken } from "../../src/web/sign-in/tokens.ts";
import { useBlog } from "../support/database.ts";
import { listening } from "../support/http.ts";
import { beginSession } from "../support/sessions.ts";
import { attackedBlog } from "./attacked-blog.ts";
import { type Answer, RawClient } from "./client.ts";
import { attackerId, authorId } from "./hostile-requests.ts";

const on = useBlog();
const forgeries = Number(process.env["FORGERIES"] ?? 10_000);
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000_000);
const secret = "s".repeat(32);
const connections = 8;

async function blog() {
  const settings = readSettings({ SESSION_SECRET: secret, RATE_LIMIT: "off" });
  const attacked = await attackedBlog(on);
  const { port } = await listening(await createWeb(settings, on.database, createLog({ level: "silent" })));
  return { attacked, port };
}

/** A token of somebody, changed. It is never the token itself. */
function changed(token: string): fc.Arbitrary<string> {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"];
  const place = fc.nat({ max: token.length - 1 });
  const letter = fc.constantFrom(...letters);
  return fc
    .oneof(
      place.map((at) => token.slice(0, at)),
      place.map((at) => token.slice(at + 1)),
      fc.tuple(place, letter).map(([at, other]) => token.slice(0, at) + other + token.slice(at + 1)),
      fc.tuple(place, letter).map(([at, more]) => token.slice(0, at) + more + token.slice(at)),
      fc.tuple(place, place).map(([one, other]) => swapped(token, one, other)),
      fc
        .constantFrom("=", "%00", "%20", "+", ".", "/", "..", '"', "'", "%", "\\", "*")
        .map((end) => token + end),
      fc.constantFrom(token.toLowerCase(), token.toUpperCase(), [...token].reverse().join(""), `"${token}"`),
      fc.constantFrom(
        token + token,
        `${token},${token}`,
        `${token}%3B${token}`,
        encodeURIComponent(`${token} `),
      ),
      fc.constantFrom(
        ...["hex", "base64", "base64url"].map((form) => Buffer.from(token).toString(form as "hex")),
      ),
      fc.constantFrom(...everyHash(token)),
    )
    .filter((forged) => forged !== token);
}

/** What a stolen copy of the database has, and what it could be made to. */
function everyHash(token: string): string[] {
  const hash = hashOf(token);
  const forms = ["hex", "base64", "base64url"] as const;
  return [
    ...forms.map((form) => hash.toString(form)),
    `\\x${hash.toString("hex")}`,
    hash.toString("base64url").slice(0, 22),
  ];
}

function swapped(token: string, one: number, other: number): string {
  const letters = [...token];
  [letters[one], letters[other]] = [letters[other] ?? "", letters[one] ?? ""];
  return letters.join("");
}

const made = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString("base64url"));

/** Sends all of them, on several connections, and gives those that the answers to which are wrong. */
async function sendAll<Forged>(
  port: number,
  all: readonly Forged[],
  send: (client: RawClient, forged: Forged) => Promise<Answer>,
  isRefused: (answer: Answer) => boolean,
): Promise<string[]> {
  const wrong: string[] = [];
  const worker = async (number: number) => {
    const client = new RawClient(port);
    for (let index = number; index < all.length; index += connections) {
      const forged = all[index] as Forged;
      const answer = await send(client, forged);
      if (!isRefused(answer)) wrong.push(`${JSON.stringify(forged)} → ${answer.text.slice(0, 300)}`);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => worker(number)));
  return wrong;
}

function get(path: string, cookie?: string): Buffer {
  const line = cookie === undefined ? "" : `Cookie: ${cookie}\r\n`;
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n${line}\r\n`, "latin1");
}

function post(path: string, fields: Record<string, string>, cookie?: string): Buffer {
  const body = new URLSearchParams(fields).toString();
  const line = cookie === undefined ? "" : `Cookie: ${cookie}\r\n`;
  const type = "Content-Type: application/x-www-form-urlencoded";
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n${type}\r\nContent-Length: ${body.length}\r\n${line}\r\n${body}`,
    "latin1",
  );
}

const givesSession = ({ text }: Answer) => /^set-cookie: (?:__Host-)?session=[^;]/im.test(text);
const locationOf = ({ text }: Answer) => /^location: (.*)\r$/im.exec(text)?.[1] ?? "";

test(`none of ${forgeries} forged, truncated, foreign and ended sessions lets anybody in (FUZZ_SEED=${seed})`, async () => {
  const { attacked, port } = await blog();
  const client = new RawClient(port);
  const ask = (cookie: string) => client.send(get("/account/sessions", cookie), "GET");
  const { write } = on.database;

  const token = await beginSession(on.database, authorId);
  const end = async (how: (where: { token_hash: Buffer }) => Promise<unknown>) => {
    const ended = await beginSession(on.database, authorId);
    expect((await ask(`session=${ended}`)).status).toBe(200);
    await how({ token_hash: hashOf(ended) });
    return ended;
  };
  const late = (column: string, days: number) =>
    end((where) =>
      write("web_schema.sessions")
        .where(where)
        .update({ [column]: write.raw("now() - ?::interval", [`${days} days`]) }),
    );
  const ended = [
    await end((where) => write("web_schema.sessions").where(where).delete()),
    await late("seen_at", 31),
    await late("created_at", 91),
  ];
  const replayed = await end(async () => {});
  expect((await client.send(post("/sign-out", {}, `session=${replayed}`), "POST")).status).toBe(303);
  const everywhere = await attacked.session();
  await client.send(post("/account/sessions", { end: "all" }, `session=${everywhere}`), "POST");
  const foreign = newToken(); // of a blog of its own, where it is good
  const signature = (name: string, value: string) =>
    createHmac("sha256", secret).update(`${name}=${value}`).digest("base64url");

  const value = fc
    .oneof(
      { weight: 6, arbitrary: changed(token) },
      { weight: 2, arbitrary: made(32) },
      { weight: 2, arbitrary: fc.constantFrom(...ended, replayed, everywhere, foreign) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(authorId, "", "null", "undefined", "true", "0", `{"id":"${authorId}"}`),
      },
      {
        weight: 1,
        arbitrary: fc
          .constant(Buffer.from(authorId).toString("base64url"))
          .map((id) => `${id}.${signature("session", id)}`),
      },
      {
        weight: 1,
        arbitrary: fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x21-\x7e]|;/g, "_")),
      },
    )
    .filter((each) => each !== token);
  const cookie = fc.oneof(
    { weight: 12, arbitrary: value.map((each) => `session=${each}`) },
    { weight: 1, arbitrary: value.map((each) => `session=${each}; session=${token}`) },
    { weight: 1, arbitrary: value.map((each) => `session=${token}; x=y; session=${each}`) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(
          "__Host-session",
          "Session",
          "SESSION",
          "session[]",
          "session%20",
          "xsession",
          "flash",
          "asked",
          "kept-forms",
        )
        .map((name) => `${name}=${token}`),
    },
    { weight: 1, arbitrary: value.map((each) => `session=${each}=${token}`) },
  );

  const all = fc.sample(cookie, { numRuns: forgeries, seed });
  const isRefused = (answer: Answer) =>
    answer.status === 303 && locationOf(answer).startsWith("/sign-in?") && !givesSession(answer);
  client.close();
  const wrong = await sendAll(
    port,
    all,
    (own, forged) => own.send(get("/account/sessions", forged), "GET"),
    isRefused,
  );

  expect(wrong.slice(0, 3)).toEqual([]);
  expect((await ask(`session=${token}`)).status).toBe(200); // it would have been good all the time
  client.close();
}, 300_000);

test(`none of ${forgeries} forged, truncated, foreign, used and expired links lets anybody in (FUZZ_SEED=${seed})`, async () => {
  const { attacked, port } = await blog();
  const client = new RawClient(port);
  const { write } = on.database;

  const link = async (more: object = {}) => {
    const token = newLinkToken();
    await write("web_schema.sign_in_links").insert({
      token_hash: hashOf(token),
      purpose: "sign_in",
      account_id: authorId,
      email: "vera.secret@example.net",
      expires_at: write.raw("now() + interval '15 minutes'"),
      ...more,
    });
    return token;
  };
  const token = await link();
  const newAddress = await link({ purpose: "address", email: "eve@example.net" });
  const attempt = newToken();
  const used = await link();
  expect(givesSession(await client.send(post(`/sign-in/${used}`, { attempt }), "POST"))).toBe(true);
  await write("web_schema.sessions").where({ account_id: authorId }).delete(); // signed out everywhere
  await beginSession(on.database, authorId);
  const session = await attacked.session();
  const sessions = () => write("web_schema.sessions").where({ account_id: authorId }).pluck("token_hash");
  const before = await sessions();
  const dead = [
    used,
    newAddress,
    await link({ expires_at: write.raw("now() - interval '1 second'") }),
    await link({ expires_at: write.raw("now() - interval '2 days'") }),
    await link({ email: "vera.old@example.net" }), // the address has changed since
    await link({ account_id: null, email: null }), // nobody has this address
    await link({ account_id: "0198c0de-0000-7000-8000-00000000dead" }), // erased
    newLinkToken(), // of another blog
  ];

  const forgedToken = fc
    .oneof(
      { weight: 5, arbitrary: changed(token) },
      { weight: 3, arbitrary: fc.constantFrom(...dead) },
      { weight: 2, arbitrary: made(16) },
      { weight: 1, arbitrary: made(32) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          authorId,
          "sent",
          "null",
          "%00",
          "..%2f",
          "a.b.c",
          session,
          randomBytes(16).toString("hex"),
        ),
      },
    )
    .filter((each) => decoded(each) !== token);
  const request = fc.record({
    token: forgedToken.map((each) => (/^[\w.~%-]*$/.test(each) ? each : encodeURIComponent(each))),
    attempt: fc.constantFrom(attempt, undefined, newToken(), "", token, "A".repeat(43)),
    isSignedIn: fc.boolean(),
    path: fc.constantFrom("/sign-in", "/sign-in", "/account/email"),
  });
  /** With the session of somebody else, no link may make them the author, or give the author another address. */
  const bytes = ({
    token,
    attempt,
    isSignedIn,
    path,
  }: {
    token: string;
    attempt: string | undefined;
    isSignedIn: boolean;
    path: string;
  }) =>
    post(
      `${path}/${token}`,
      attempt === undefined ? {} : { attempt },
      isSignedIn ? `session=${session}` : undefined,
    );

  const all = fc.sample(request, { numRuns: forgeries, seed });
  client.close();
  const wrong = await sendAll(
    port,
    all,
    (own, forged) => own.send(bytes(forged), "POST"),
    (answer) => answer.status < 500 && answer.status > 0 && !givesSession(answer),
  );

  expect(wrong.slice(0, 3)).toEqual([]);
  expect(await sessions()).toEqual(before);
  const [account] = await write("view_schema.author_records").where({ aggregate_id: authorId });
  expect(account).toMatchObject({ name: "Vera", email: "vera.secret@example.net" });
  expect(await write("web_schema.sessions").where({ account_id: attackerId })).toHaveLength(1);

  const last = await client.send(post(`/sign-in/${token}`, { attempt: newToken() }), "POST"); // it would have been good all the time
  expect([last.status, givesSession(last)]).toEqual([303, true]);
  client.close();
}, 300_000);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
