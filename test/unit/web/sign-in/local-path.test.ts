import fc from "fast-check";
import { expect, test } from "vitest";
import { localPath } from "../../../../src/web/sign-in/local-path.ts";

test.each([
  ["/", "/"],
  ["/posts/1?at=2#top", "/posts/1?at=2#top"],
  ["/a b", "/a%20b"],
  ["/a/../b", "/b"],
  ["/sign-in?return_to=//x", "/sign-in?return_to=//x"],
])("%s is a path of this site", (text, path) => {
  expect(localPath(text)).toBe(path);
});

test.each([
  undefined,
  null,
  "",
  "x",
  "//x",
  "/\\x",
  "\\\\x",
  "/\t/x",
  "/\n/x",
  "\t//x",
  " //x",
  "/.//x",
  "/..//x",
  "/a/..//x",
  "/%2e//x",
  "http:x",
  "https://x",
  "javascript:x",
  "?x",
  "#x",
  `/${"x".repeat(2_000)}`,
  ["/", "/"],
])("%j is none", (text) => {
  expect(localPath(text)).toBeUndefined();
});

test("whatever it is made of, a browser stays here", () => {
  const pieces = [
    "/",
    "\\",
    ".",
    "..",
    "%2e",
    "%2f",
    "%5c",
    "\t",
    "\n",
    "\r",
    "\0",
    ":",
    "@",
    "?",
    "#",
    "x",
    "evil.example",
    "http:",
    "\u2028",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
      const path = localPath(parts.join(""));
      if (path !== undefined)
        expect(new URL(path, "https://blog.example.com/sign-in/x").host).toBe("blog.example.com");
    }),
    { numRuns: 5_000 },
  );
});
