import type { CalendarDate } from "#sequent";

export interface SeedAuthor {
  readonly name: string;
  readonly email: string;
  readonly posts: readonly SeedPost[];
}

export interface SeedPost {
  readonly title: string;
  readonly content: string;
  /** None is a draft. */
  readonly publishedOn?: CalendarDate;
  /** Later edits, each by what it replaced and with what. */
  readonly edits?: readonly (readonly [before: string, after: string])[];
}
