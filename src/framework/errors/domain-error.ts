/**
 * A refusal of the domain, in words for a person. The answer has its status and these words, as a page or as
 * `application/problem+json`.
 *
 *     export class ClaimAlreadyPaid extends DomainError {
 *       readonly title = "Already paid";
 *       readonly detail = "This claim has been paid. A claim is paid only once.";
 *     }
 */
export abstract class DomainError extends Error {
  readonly status: number = 409;
  abstract readonly title: string;
  abstract readonly detail: string;

  /** The words, unless the constructor has others: a test that fails and the console show this. */
  override get message(): string {
    return `${this.title ?? ""}: ${this.detail ?? ""}`; // undefined while it is made
  }

  /** More values for a program, in addition to the words: `get data() { return { paidOn: this.paidOn }; }` */
  get data(): Readonly<Record<string, unknown>> {
    return {};
  }
}
