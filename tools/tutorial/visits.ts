/** What a reader does in the browser, and sees then. */
export interface Visit {
  readonly kind: "visit";
  readonly inSecondBrowser: boolean;
  readonly clauses: readonly Clause[];
  /** Lines of the page, in their order; undefined if the sentence does not say what is seen. */
  readonly seen?: readonly string[];
  readonly picture?: string;
}

export interface Clause {
  readonly does:
    | "open"
    | "follow"
    | "type"
    | "clear"
    | "choose"
    | "tick"
    | "untick"
    | "press"
    | "reload"
    | "back";
  /** An address, or the words of a link, a button or a label. */
  readonly what: string;
  /** What is typed or chosen. */
  readonly value?: string;
}

type Found = Record<string, string | undefined>;
const clauses: readonly (readonly [RegExp, (found: Found) => Clause])[] = [
  [/^open <(?<what>[^>]+)>/i, ({ what = "" }) => ({ does: "open", what })],
  [/^follow \*\*(?<what>[^*]+)\*\*/, ({ what = "" }) => ({ does: "follow", what })],
  [/^press \*\*(?<what>[^*]+)\*\*/, ({ what = "" }) => ({ does: "press", what })],
  [
    /^type `(?<value>[^`]+)` into \*\*(?<what>[^*]+)\*\*/,
    ({ what = "", value = "" }) => ({ does: "type", what, value }),
  ],
  [/^clear \*\*(?<what>[^*]+)\*\*/, ({ what = "" }) => ({ does: "clear", what })],
  [
    /^choose `(?<value>[^`]+)` in \*\*(?<what>[^*]+)\*\*/,
    ({ what = "", value = "" }) => ({ does: "choose", what, value }),
  ],
  [/^untick \*\*(?<what>[^*]+)\*\*/, ({ what = "" }) => ({ does: "untick", what })],
  [/^tick \*\*(?<what>[^*]+)\*\*/, ({ what = "" }) => ({ does: "tick", what })],
  [/^reload the page/, () => ({ does: "reload", what: "" })],
  [/^go back/, () => ({ does: "back", what: "" })],
];

/** The visit of a sentence, or undefined if it is none. */
export function pageOf(
  sentence: string,
  block: string | undefined,
  picture: string | undefined,
): Visit | undefined {
  const head = /^\*\*(?:Open\*\* |In (?:the|a second) browser\*\*, )/.exec(sentence)?.[0];
  if (head === undefined) return undefined;
  const [, told = "", end = ""] = /^(.*?)((?:\. |, and )[^.]*\bsee\b[^.]*:|\.)$/.exec(sentence) ?? [];
  if (end === "") throw new Error('The sentence must end in "You see:", or in a full stop.');
  if (end === "." && block !== undefined)
    throw new Error('The sentence before what is seen ends in "You see:".');
  if (end !== "." && block === undefined) throw new Error("No block with what is seen follows.");
  const seen = block
    ?.split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (seen?.length === 0) throw new Error("The block of what is seen is empty.");
  return {
    kind: "visit",
    inSecondBrowser: head.includes("second"),
    clauses: clausesOf(
      head.startsWith("**Open") ? `open ${told.slice(head.length)}` : told.slice(head.length),
    ),
    ...(seen && { seen }),
    ...(picture !== undefined && { picture }),
  };
}

function clausesOf(told: string): Clause[] {
  const found: Clause[] = [];
  for (let rest = told; rest !== ""; ) {
    const known = clauses.flatMap(([pattern, make]) => {
      const match = pattern.exec(rest);
      return match ? [{ clause: make(match.groups ?? {}), length: match[0].length }] : [];
    })[0];
    if (!known) throw new Error(`Not understood, from here on: ${rest}`);
    found.push(known.clause);
    rest = rest.slice(known.length).replace(/^(?:,? (?:and|then) |\. Then |, )(?:then )?/, "");
  }
  return found;
}
