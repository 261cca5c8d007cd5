import fc from "fast-check";

/** A request as bytes. */
interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

/** Of an author who is attacked, and of their draft and their published post. */
export const authorId = "0198c0de-0000-7000-8000-000000000001";
export const postId = "0198c0de-0000-7000-8000-000000000002";
export const publishedId = "0198c0de-0000-7000-8000-000000000003";
/** Of somebody who attacks them, and of a post of theirs. */
export const attackerId = "0198c0de-0000-7000-8000-000000000004";
export const attackersPostId = "0198c0de-0000-7000-8000-000000000005";
/** Nobody has these, but they could be a link and a session. */
const linkToken = "AAAAAAAAAAAAAAAAAAAAAA";
const sessionToken = "A".repeat(43);

const payloads = [
  "",
  " ",
  "a",
  "Ada",
  "ada@example.com",
  "a@b",
  "%",
  "%zz",
  "%00",
  "\0",
  "\u001b[31m",
  "\r\nSet-Cookie: x=y",
  "%0d%0aX-Injected:%201",
  "\u202egnp.exe",
  "\u200b\u200d\ufeff",
  "e\u0301".repeat(50),
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "%F0%9F%98",
  "%ED%A0%BD",
  "%C0%AF",
  "<script>alert(1)</script>",
  "<%= process.exit(1) %>",
  "{{7*7}}",
  "$" + "{7*7}",
  "'; drop table events; --",
  "[x](javascript:alert(1))",
  "![x](data:text/html;base64,PHNjcmlwdD4=)",
  "../../../../etc/passwd",
  "..%2f..%2f.env",
  "9".repeat(400),
  "1e400",
  "-1",
  "NaN",
  "true",
  "null",
  "[object Object]",
  "all",
  "others",
  "//evil.example",
  "/\\evil.example",
  "/account",
  linkToken,
  sessionToken,
  authorId,
  publishedId,
  attackersPostId,
  postId.toUpperCase(),
  `{${postId}}`,
  "x".repeat(2_000),
];

const payload = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...payloads) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);

const fieldName = fc.constantFrom(
  ...[
    "name",
    "email",
    "title",
    "content",
    "commandId",
    "seenVersion",
    "publish",
    "publicationDate",
    "scheduledVersion",
    "dueAt",
    "timeZone",
    "mails",
    "aggregateId",
    "authorAggregateId",
    "userId",
    "intent",
  ],
  ...["return_to", "again", "attempt", "end", "token", "session", "confirmation", "path"],
  ...[
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    "__proto__[polluted]",
    "constructor[prototype][x]",
  ],
  ...[
    "title[]",
    "title[a]",
    "title.a",
    "settings[view options][client]",
    "client",
    "escapeFunction",
    "_locals",
    "cache",
    "",
  ],
);

const pair = fc.tuple(fieldName, payload, fc.boolean()).map(([name, value, encoded]) => {
  const raw = encoded ? encode(value) : value.replace(/[&\r\n]/g, "");
  return `${encoded ? encodeURIComponent(name) : name}=${raw}`;
});

/** Forms that are expensive to decode, to check or to show again, up to the size that is kept of a form that is too large. */
export const largeForms: readonly string[] = [
  "a=".padEnd(600_000, "%41"),
  "content=".padEnd(500_000, "<"),
  "content=".padEnd(1_000_000, "<"),
  "content=".padEnd(1_000_000, "%0D%0A"),
  "content=".padEnd(1_000_000, "%F0%9F%98%80"),
  "content=<&".repeat(1_000),
  "tags[0].name=x&".repeat(1_100),
  Array.from({ length: 1_000 }, (_, index) => `lines[${index}].amount=${"<".repeat(400)}`).join("&"),
  "&".repeat(500_000),
];

const body = fc.oneof(
  { weight: 20, arbitrary: fc.constant(undefined) },
  { weight: 120, arbitrary: fc.array(pair, { maxLength: 8 }).map((pairs) => pairs.join("&")) },
  { weight: 20, arbitrary: fc.array(pair, { minLength: 21, maxLength: 60 }).map((pairs) => pairs.join("&")) },
  { weight: 10, arbitrary: fc.constant("content=x".padEnd(100_000, "x")) },
  { weight: 1, arbitrary: fc.constantFrom(...largeForms) }, // rarely: each takes as long as many of the others
  { weight: 20, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  { weight: 10, arbitrary: fc.json() },
);

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "authors",
      "posts",
      "new",
      "edit",
      "history",
      "publication",
      "schedule",
      "cancellation",
      "unsubscribe",
      "mails",
      "feed.xml",
      "sign-in",
      "account",
      "sessions",
      "email",
      linkToken,
      authorId,
      postId,
      publishedId,
      attackerId,
      attackersPostId,
    ),
  },
  { weight: 3, arbitrary: payload.map(encode) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("..", ".", "", "%2e%2e", "robots.txt", ".env", "styles.css", "healthz"),
  },
);

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          "after",
          "at",
          "return_to",
          "path",
          "again",
          "sent",
          "page",
          "limit",
          "settings[view options][client]",
          "cache",
          "__proto__",
        ),
        payload,
      )
      .map(([name, value]) => `?${encodeURIComponent(name)}=${encode(value)}`),
  },
);

/** Half of them lead to a page, so that what is sent there is read. */
const knownPath = fc.constantFrom(
  ...["/", "/authors", "/authors/new", "/feed.xml", "/sitemap.xml", "/robots.txt", "/readyz"],
  ...[`/authors/${authorId}`, `/authors/${authorId}/posts`, `/posts/${postId}`, `/posts/${postId}/edit`],
  ...[`/posts/${postId}/history`, `/posts/${postId}/publication`],
  ...[`/posts/${publishedId}`, `/posts/${publishedId}/edit`, `/posts/${publishedId}/history`],
  ...[`/authors/${attackerId}`, `/authors/${attackerId}/posts`, `/posts/${attackersPostId}`],
  ...[`/posts/${attackersPostId}/edit`, `/posts/${attackersPostId}/history`],
  ...[`/posts/${attackersPostId}/schedule`, `/posts/${attackersPostId}/schedule/cancellation`],
  ...[`/posts/${postId}/schedule`, `/unsubscribe/${authorId}.${linkToken}`, "/account/mails"],
  ...["/sign-in", `/sign-in/${linkToken}`, "/account", "/account/sessions", `/account/email/${linkToken}`],
  ...["/kept-form", "/kept-form?path=/authors", "/dev/mailbox", "/dev/mailbox.json"],
);

const anyPath = fc
  .tuple(fc.array(segment, { maxLength: 5 }), query)
  .map(([segments, rest]) => `/${segments.join("/")}${rest}`);

const path = fc.oneof(
  knownPath,
  anyPath,
  fc.tuple(knownPath, query).map(([known, rest]) => known + rest),
);

const header = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      "Accept",
      "Accept-Encoding",
      "Cookie",
      "Origin",
      "Referer",
      "Sec-Fetch-Site",
      "If-None-Match",
    ),
    payload,
  ),
  fc.tuple(
    fc.constantFrom("Cookie"),
    fc.constantFrom(
      ...["flash=a.b", "flash=;flash=", `flash=${"a".repeat(4_000)}`],
      ...["session=", `session=${sessionToken}`, `session=${sessionToken}; session=${sessionToken}`],
      ...[`__Host-session=${sessionToken}`, `session=${authorId}`, `session="${sessionToken}"`],
      ...["asked=YQ.YQ", "kept-forms=YQ.YQ", "kept-forms=a; kept-forms=b"],
    ),
  ),
  fc.tuple(
    fc.constantFrom("Accept"),
    fc.constantFrom("application/json", "*/*;q=0", "text/html", "image/*", ",,;;"),
  ),
  fc.tuple(fc.constantFrom("Content-Encoding"), fc.constantFrom("gzip", "br", "identity", "x")),
  fc.tuple(
    fc.constantFrom("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-Id"),
    payload,
  ),
  fc.tuple(
    fc.constantFrom("Range", "Expect", "Upgrade", "X-HTTP-Method-Override", "Content-Length"),
    payload,
  ),
  fc.tuple(fc.constantFrom("Host"), fc.constantFrom("evil.example", "localhost", "", "a b", "[::1]:1")),
);

const contentType = fc.constantFrom(
  ...Array<string>(12).fill("application/x-www-form-urlencoded"),
  "application/x-www-form-urlencoded; charset=utf-8",
  "application/x-www-form-urlencoded; charset=utf-7",
  "application/json",
  "multipart/form-data; boundary=x",
  "text/plain",
  "",
);

const method = fc.constantFrom(
  ...Array<string>(5).fill("GET"),
  ...Array<string>(9).fill("POST"),
  ...["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"],
);

export const hostileRequest: fc.Arbitrary<HostileRequest> = fc
  .record({
    method,
    path,
    headers: fc.oneof(fc.array(header, { maxLength: 0 }), fc.array(header, { maxLength: 3 })),
    contentType,
    body,
  })
  .map(({ method, path, headers, contentType, body }) => ({
    method,
    path,
    headers: [
      ["Content-Type", contentType] as const,
      ...headers.map(([name, value]) => [name, visible(value)] as const),
    ],
    body: method === "GET" || method === "HEAD" ? undefined : body,
  }));

/** With the cookie of a session, it is a request of somebody who is signed in. */
export function bytesOf({ method, path, headers, body }: HostileRequest, session?: string): Buffer {
  const host = headers.some(([name]) => name === "Host") ? [] : ["Host: localhost"];
  const content = Buffer.from(body ?? "");
  const length = body === undefined ? [] : [`Content-Length: ${content.length}`];
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...host,
    ...length,
    ...(session === undefined ? [] : [`Cookie: session=${session}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), content]);
}

/** Percent signs stay, so broken escapes stay broken. */
function encode(text: string): string {
  return text.replace(/[^\w%.~-]/gu, (character) =>
    character.isWellFormed() ? encodeURIComponent(character) : "%ED%A0%80",
  );
}

/** What a header may hold; the rest is refused by Node before the app sees it. */
function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
