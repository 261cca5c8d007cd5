import { domainToASCII } from "node:url";
import { type Attribute, NotStorable, refuse } from "./attribute.ts";
import { isEmail, maxLength, type Rule, rulesOf } from "./rules.ts";
import { scalar, single, unexpected } from "./scalar.ts";

/** One line of text, trimmed: `title: string(notBlank, maxLength(120))`. */
export function string(...rules: Rule[]): Attribute<string> {
  return textual({ lines: false }, rules);
}

/** A text of several lines, kept as it was typed: `content: text(notBlank)`. */
export function text(...rules: Rule[]): Attribute<string> {
  return textual({ lines: true }, rules);
}

/** The limit of DNS, for the ASCII form. Converting takes quadratic time, and a longer domain cannot be right. */
const longestDomain = 253;

/** An e-mail address. Its domain becomes ASCII in lower case. Compare addresses in lower case. */
export function email(...rules: Rule[]): Attribute<string> {
  return {
    ...string(isEmail, maxLength(254), ...rules),
    parse(input) {
      const address = cleaned(input, { lines: false });
      if (address === "") refuse({ code: "blank" });
      const [, local, domain = ""] = /^(.+@)([\p{L}\p{M}\p{N}.-]+)$/u.exec(address) ?? [];
      // A domain has no other characters: domainToASCII would take them for the rest of a URL, and drop them.
      const ascii = domain.length > longestDomain ? "" : domainToASCII(domain);
      return ascii === "" ? address : local + ascii;
    },
  };
}

/** One of the given words: `status: oneOf("draft", "published")`. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): Attribute<Word> {
  return scalar({
    otherwise: { code: "not_one_of", words: words.join(", ") },
    is: (value): value is Word => words.some((word) => word === value),
  });
}

/** The id of an aggregate or of anything else, in lower case: `authorAggregateId: uuid()`. */
export function uuid(): Attribute<string> {
  return scalar({ otherwise: { code: "not_an_id" }, is: isUuid });
}

/**
 * The id of an aggregate of this type: `authorAggregateId: reference("Author")`. A command is stored only if the aggregate
 * exists and is open. In an event and in the state of an aggregate, it is an id like any other.
 */
export function reference(aggregateType: string): Attribute<string> {
  return { ...uuid(), reference: aggregateType };
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(value: unknown): value is string {
  return typeof value === "string" && uuidPattern.test(value);
}

/** The last check, for texts that no form has parsed: refuses what Postgres would refuse. */
export function storableText(text: unknown): string {
  if (typeof text !== "string") throw new NotStorable(text, "not a string");
  if (text.includes("\0")) throw new NotStorable(text, "a text with a NUL character");
  if (!text.isWellFormed()) throw new NotStorable(text, "a text with half of a surrogate pair");
  return text;
}

interface Lines {
  /** True: several lines, kept as typed. False: one line, trimmed. */
  readonly lines: boolean;
}

function textual(options: Lines, rules: Rule[]): Attribute<string> {
  return {
    rules: rulesOf(rules),
    parse: (input) => cleaned(input, options),
    toJson: storableText,
    fromJson(json) {
      if (typeof json !== "string") throw unexpected(json, "a text");
      return json;
    },
  };
}

const unstorable = /[\p{Cc}\uFFFD\u2028\u2029]/u;
const unstorableInLines = /[^\P{Cc}\n\t]|\uFFFD/u;

/** More marks on one letter than Unicode's Stream-Safe Text Format allows. To normalise them takes quadratic time. */
const heapOfMarks = /\p{M}{31}/u;

/**
 * Normalises a text, once, when it enters: the same letters get the same code points (NFC), and a line ends with \n. Refuses
 * characters that Postgres cannot store (NUL, half of a surrogate pair) or that only do harm (control characters, the traces
 * of broken UTF-8).
 */
function cleaned(input: unknown, { lines }: Lines): string {
  if (typeof input !== "string") return single(input, { code: "not_a_text" });
  if (!input.isWellFormed() || heapOfMarks.test(input)) refuse({ code: "unstorable" });
  const clean = lines ? input.replace(/\r\n?/g, "\n").normalize() : input.normalize().trim();
  return (lines ? unstorableInLines : unstorable).test(clean) ? refuse({ code: "unstorable" }) : clean;
}
