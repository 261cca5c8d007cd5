import { expect, test } from "vitest";
import { DomainError } from "#sequent";

class ClaimAlreadyPaid extends DomainError {
  readonly title = "Already paid";
  readonly detail: string;

  constructor(message?: string) {
    super(message);
    this.detail = "A claim is paid only once.";
  }
}

test("the message of an error of the domain has its words", () => {
  expect(new ClaimAlreadyPaid().message).toBe("Already paid: A claim is paid only once.");
  expect(() => {
    throw new ClaimAlreadyPaid();
  }).toThrow("A claim is paid only once.");
});

test("an error of the domain may have a message of its own", () => {
  expect(new ClaimAlreadyPaid("Claim 7 was paid by Ada.").message).toBe("Claim 7 was paid by Ada.");
});
