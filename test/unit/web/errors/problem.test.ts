import { expect, test } from "vitest";
import { DomainError } from "#sequent";
import { problemOf } from "../../../../src/web/errors/problem.ts";

class ClaimAlreadyPaid extends DomainError {
  readonly title = "Already paid";
  readonly detail = "This claim has been paid. A claim is paid only once.";
}

class ReceiptMissing extends DomainError {
  override readonly status = 422;
  readonly title = "No receipt";
  readonly detail = "Please add a receipt.";
  readonly line = 3;

  override get data() {
    return { line: this.line };
  }
}

test("the answer to an error of the domain is its text, with 409", () => {
  expect(problemOf(new ClaimAlreadyPaid())).toEqual({
    status: 409,
    title: "Already paid",
    detail: "This claim has been paid. A claim is paid only once.",
    data: {},
  });
});

test("an error of the domain may have a status of its own, and data for programs", () => {
  expect(problemOf(new ReceiptMissing())).toMatchObject({ status: 422, data: { line: 3 } });
});
