import { expect, test } from "vitest";
import { MailNotSent } from "../../../src/mail/mail.ts";
import { problemOf } from "../../../src/web/errors/problem.ts";

test("a mail that could not be sent may be asked for again", () => {
  expect(problemOf(new MailNotSent())).toEqual({
    status: 503,
    title: "The mail could not be sent",
    detail: "The mail server did not take it. Please try again in a minute.",
  });
});
