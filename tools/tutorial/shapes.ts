/**
 * Compares what is told with what is printed or seen. What is another each time stands for any other of its kind: an id, a time, a
 * duration, a port. The same id in the text is the same id everywhere, and two are two.
 */
const month = "January|February|March|April|May|June|July|August|September|October|November|December";
const shapes: Readonly<Record<string, string>> = {
  id: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  instant: "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(?::\\d\\d)?(?:\\.\\d+)?(?:Z| ?UTC|[+-]\\d\\d:?\\d\\d)?",
  date: `\\d{4}-\\d\\d-\\d\\d|\\d{1,2} (?:${month}) \\d{4}|(?:${month}) \\d{1,2}, \\d{4}`,
  clock: "\\d{1,2}:\\d\\d(?::\\d\\d)?(?:\\.\\d+)?(?: ?[AP]M)?",
  port: "(?<=localhost:)\\d+",
  duration:
    "\\d+(?:\\.\\d+)?\\s?(?:ms|s|m|seconds?|milliseconds?|minutes?)(?![\\w])(?: ?\\d+(?:\\.\\d+)?\\s?s(?!\\w))?",
  version: "\\bv\\d+\\.\\d+\\.\\d+",
  commit: "\\b(?=[a-f]*\\d)(?=\\d*[a-f])[0-9a-f]{7,40}\\b",
};
const shape = new RegExp(
  Object.entries(shapes)
    .map(([name, pattern]) => `(?<${name}>${pattern})`)
    .join("|"),
  "g",
);

/** The ids that the text of a step uses, and those that were found in their places. */
export class Ids {
  readonly #found: ReadonlyMap<string, string>;

  constructor(found: ReadonlyMap<string, string> = new Map()) {
    this.#found = found;
  }

  /** The id that is meant by one of the text. */
  get(told: string): string | undefined {
    return this.#found.get(told);
  }

  /** With these, or undefined if one of them is known as another. */
  with(told: readonly string[], found: readonly string[]): Ids | undefined {
    if (told.length === 0) return this;
    const all = new Map(this.#found);
    for (const [index, each] of told.entries()) {
      const is = found[index] ?? "";
      const others = [...all].some(([name, id]) => id === is && name !== each);
      if ((all.get(each) ?? is) !== is || others) return undefined;
      all.set(each, is);
    }
    return new Ids(all);
  }

  /** A text in which each id is the one that it means. */
  in(text: string): string {
    return text.replace(new RegExp(shapes["id"] ?? "", "g"), (told) => this.get(told) ?? told);
  }
}

interface Line {
  readonly pattern: RegExp;
  readonly ids: readonly string[];
}

/** `...` inside of a line stands for any part of it. */
function lineOf(told: string, isWhole: boolean): Line {
  const ids: string[] = [];
  const source = told.split("...").map((part) => {
    let pattern = "";
    let from = 0;
    for (const found of part.matchAll(shape)) {
      const [name = ""] = Object.entries(found.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
      pattern += `${escaped(part.slice(from, found.index))}${name === "id" ? "(" : "(?:"}${shapes[name]})`;
      if (name === "id") ids.push(found[0]);
      from = found.index + found[0].length;
    }
    return pattern + escaped(part.slice(from));
  });
  const pattern = source.join(".*");
  return { pattern: new RegExp(isWhole ? `^${pattern}$` : pattern, "g"), ids };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
}

export type Compared = { readonly ids: Ids } | { readonly missing: string };

/** Whole lines, where a line `...` stands for any lines. Empty lines do not count. */
export function printed(told: readonly string[], output: string, ids: Ids): Compared {
  const lines = output
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "");
  const patterns = told.map((line) => (line.trim() === "..." ? undefined : lineOf(line, true)));
  let furthest = 0;
  const inVain = new Map<string, Set<Ids>>(); // otherwise several lines `...` would try the same for minutes
  const follow = (at: number, line: number, known: Ids): Ids | undefined => {
    const place = `${at} ${line}`;
    if (inVain.get(place)?.has(known)) return undefined;
    const rest = followOnce(at, line, known);
    if (!rest) inVain.set(place, (inVain.get(place) ?? new Set()).add(known));
    return rest;
  };
  const followOnce = (at: number, line: number, known: Ids): Ids | undefined => {
    furthest = Math.max(furthest, at);
    if (at === patterns.length) return line === lines.length ? known : undefined;
    const wanted = patterns[at];
    if (!wanted) {
      for (let next = line; next <= lines.length; next++) {
        const rest = follow(at + 1, next, known);
        if (rest) return rest;
      }
      return undefined;
    }
    const [found, ...foundIds] = [...(lines[line] ?? "").matchAll(wanted.pattern)][0] ?? [];
    const more = found === undefined ? undefined : known.with(wanted.ids, foundIds);
    return more && line < lines.length ? follow(at + 1, line + 1, more) : undefined;
  };
  const result = follow(0, 0, ids);
  if (result) return { ids: result };
  return { missing: told[furthest] ?? "(nothing more)" };
}

/** Each line is a part of a line of the page, in this order. */
export function seen(told: readonly string[], page: string, ids: Ids): Compared {
  let [at, known] = [0, ids];
  for (const line of told) {
    if (line === "...") continue;
    const wanted = lineOf(line, false);
    const found = [...page.slice(at).matchAll(wanted.pattern)].flatMap((match) => {
      const more = known.with(wanted.ids, match.slice(1));
      return more ? [{ end: at + match.index + match[0].length, more }] : [];
    })[0];
    if (!found) return { missing: line };
    [at, known] = [found.end, found.more];
  }
  return { ids: known };
}

/** A text with one word for each shape, to see whether it has changed otherwise. */
export function withoutShapes(text: string): string {
  return text.replace(shape, "#");
}
