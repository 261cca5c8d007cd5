import { param, type ValidationChain } from "express-validator";
import { type Detail, detailOf } from "../errors/error-messages.ts";

/**
 * A rule is a test with a message, like those below, or a chain of express-validator:
 * `(chain) => chain.isISBN().withMessage("is no ISBN")`. For programs and other languages, the message may have a code:
 * `.withMessage({ code: "no_isbn", message: "is no ISBN" })`.
 * A rule does not change the value, so it has no sanitizers: the parsing has normalised the value already.
 * The other fields of the command are in `req.body`. The path of this field is in `req.path`.
 */
export type Rule = RuleInWords | Test;
type RuleInWords = (chain: ValidationChain) => ValidationChain;

interface Test {
  readonly test: (value: unknown) => boolean;
  readonly message: string | Detail;
}

/** Says what a value breaks. `body` has the other fields. */
export type Judge = (
  value: unknown,
  path: string,
  body: object,
) => readonly Detail[] | Promise<readonly Detail[]>;

/**
 * The rules of an attribute, in their order. If all of them are tests, express-validator is not asked, because running a chain
 * takes longer than parsing the field. `param()` takes the whole of `req.params` as the value, so express-validator need not
 * look for it by a path. The chain is made once, because making it takes ten times as long as running it.
 */
export function rulesOf(rules: readonly Rule[]): Judge | undefined {
  if (rules.length === 0) return undefined;
  const tests = rules.filter((rule) => typeof rule !== "function");
  if (tests.length === rules.length)
    return (value) => tests.filter(({ test }) => !test(value)).map(({ message }) => detailOf(message));
  const chain = rules.reduce<ValidationChain>(
    (chain, rule) =>
      typeof rule === "function" ? rule(chain) : chain.custom(rule.test).withMessage(rule.message),
    param(),
  );
  return async (value, path, body) => {
    const result = await chain.run({ params: value as object, body, path }, { dryRun: true });
    return result.array().map(({ msg }) => detailOf(msg));
  };
}

/** Not only white space. For a list, none of its values may be blank. */
export const notBlank = holds(
  (value: unknown) => [value].flat().every((each) => String(each).trim() !== ""),
  {
    code: "blank",
  },
);

/** At most this many characters, as a person counts them (code points). */
export const maxLength = (most: number) =>
  holds((value: string) => lengthOf(value) <= most, { code: "too_long", most });

export const minLength = (least: number) =>
  holds((value: string) => lengthOf(value) >= least, { code: "too_short", least });

/** At most this many bytes of UTF-8. */
export const maxBytes = (most: number) =>
  holds((value: string) => Buffer.byteLength(value) <= most, { code: "too_many_bytes", most });

export const atLeast = (least: number) =>
  holds((value: number | string) => Number(value) >= least, { code: "too_small", least });

export const atMost = (most: number) =>
  holds((value: number | string) => Number(value) <= most, { code: "too_large", most });

export const matches = (pattern: RegExp, message: string | Detail) =>
  holds((value: string) => value.search(pattern) >= 0, message);

/** No invisible marks, and none that turn the direction of the text. So two names that look the same are the same. */
export const visible = matches(/^[^\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]*$/, {
  code: "invisible",
});

/**
 * One address, which every program reads as the same one. `"f"@example.com` and `f@example.com` are one mailbox: only the one without
 * quotation marks is accepted. `f%a.com@b.com` and `a.com!f@b.com` are routes to a third place, and programs disagree about what is
 * encoded as `=?…?=`. The parsing has made the domain ASCII, so what is left there of other characters would be dropped on the way.
 */
export const isEmail: Rule = (chain) =>
  chain
    .custom((value: string) => !value.includes('"'))
    .withMessage({ code: "quoted_email" })
    .bail()
    .custom((value: string) => /^[!-~]*$/.test(value) && !value.includes("=?"))
    .withMessage({ code: "not_an_email" })
    .bail()
    .isEmail({ allow_utf8_local_part: false, blacklisted_chars: "%!" })
    .withMessage({ code: "not_an_email" })
    .bail();

function holds<Value>(test: (value: Value) => boolean, message: string | Detail): Test {
  return { test: (value) => test(value as Value), message };
}

function lengthOf(value: string): number {
  let length = 0;
  for (const _ of value) length += 1;
  return length;
}
