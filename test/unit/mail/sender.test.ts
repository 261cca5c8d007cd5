import { expect, test } from "vitest";
import { isOneAddress, senderOf } from "../../../src/mail/sender.ts";

test.each([
  ["blog@example.com", "", "blog@example.com"],
  ["<blog@example.com>", "", "blog@example.com"],
  ["Blog <blog@example.com>", "Blog", "blog@example.com"],
  [' "The Blog" <blog@example.com> ', "The Blog", "blog@example.com"],
  ["Zo\u00eb, of the Blog <zoe+blog@mail.example.com>", "Zo\u00eb, of the Blog", "zoe+blog@mail.example.com"],
])("a sender: %s", (text, name, address) => {
  expect(senderOf(text)).toEqual({ name, address });
});

test.each([
  "",
  "Blog",
  "Blog blog@example.com",
  "Blog <blog>",
  "Blog <blog@example.com",
  "Blog\r\nBcc: x <blog@example.com>",
  "<a@example.com> <b@example.com>",
  "a@example.com, b@example.com",
])("no sender: %j", (text) => {
  expect(senderOf(text)).toBeUndefined();
});

test("an address as people have it is one", () => {
  for (const address of [
    "ann@example.com",
    "ann.o'neil+blog@mail.example.com",
    "a_b-c@xn--mnchen-3ya.de",
    "a%b@x.org",
  ])
    expect(isOneAddress(address), address).toBe(true);
});
