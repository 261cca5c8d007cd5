import type { Visitor } from "./visitor.ts";

interface Link {
  readonly label: string;
  readonly path: string;
  /** Shown only if `app.locals` has this, such as `hasMailbox`. */
  readonly onlyIf?: string;
}

/** What all pages have in common: `site.ts` has the values. */
export interface Site {
  readonly name: string;
  /** For search engines, on pages that do not have a description of their own. */
  readonly description: string;
  /** At the top of every page. */
  readonly navigation: readonly Link[];
  /** At the top, where people can sign in: their own links, and those of everybody else. Signing out comes by itself. */
  readonly visitors?: {
    readonly signedIn: (visitor: Visitor) => readonly Link[];
    readonly signedOut: readonly Link[];
  };
  /** At the bottom of every page. */
  readonly footer: readonly Link[];
  /** The path of the feed that a reader of news finds. */
  readonly feed?: string;
}
