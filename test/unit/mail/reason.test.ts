import { expect, test } from "vitest";
import { reasonOf } from "../../../src/mail/reason.ts";

const why = (message: string, address: string) => reasonOf(new Error(message), address).message;

test.each([
  ["550 <Ann@Example.com>: unknown", "ann@example.com", "550 […] unknown"],
  ["550 no such user here: ann", "ann@example.com", "550 no such user here: […]"],
  ["550 bounce+ann=example.com is unknown", "ann@example.com", "550 […] is unknown"],
  ["550 nobody at EXAMPLE.COM.", "ann@example.com", "550 nobody at […]"],
  ["553 relaying from blog@example.net denied", "ann@example.com", "553 relaying from […] denied"],
  ["451 try\r\nagain later", "ann@example.com", "451 try again later"],
  ["550 no user <C>: unknown", "c@example.com", "550 no user […] unknown"],
  ["self-signed certificate", "c@example.com", "self-signed certificate"],
  ["connect ECONNREFUSED 127.0.0.1:25", "ann@example.com", "connect ECONNREFUSED 127.0.0.1:25"],
])("%j", (message, address, text) => {
  expect(why(message, address)).toBe(text);
});

test("a long answer is cut", () => {
  expect(why(`550 ${"no ".repeat(1_000)}`, "x@example.com").length).toBeLessThan(310);
});

test("of the error itself nothing is left but its code and what was said to the server", () => {
  const error = Object.assign(new Error("550 no"), {
    code: "EENVELOPE",
    command: "RCPT TO",
    rejected: ["ann@example.com"],
  });
  const reason = reasonOf(error, "ann@example.com");
  expect(reason.message).toBe("550 no (EENVELOPE, RCPT TO)");
  expect(JSON.stringify({ ...reason, cause: reason.cause, stack: reason.stack })).not.toContain("ann");
});
