/**
 * What the domain refuses, in words for a person. It is answered with its status and these words, as a page or as
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

  /** What a program is told beside the words: `get data() { return { paidOn: this.paidOn }; }` */
  get data(): Readonly<Record<string, unknown>> {
    return {};
  }
}
