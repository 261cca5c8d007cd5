import { Refused } from "../../src/bin/command.ts";

const ruleWords = {
  texts: ["notBlank", "visible", "minLength", "maxLength", "maxBytes"],
  numbers: ["atLeast", "atMost"],
  none: [],
} as const;

/** The kinds of types: each has its rules. */
export type RuleKind = keyof typeof ruleWords;

/** What rules allow: the length of a text, or a number. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Refuses rules of the command line that the type does not have. */
export function refuseRules(word: string, kind: RuleKind, rules: readonly string[]): void {
  const known: readonly string[] = ruleWords[kind];
  for (const rule of rules) {
    const { name, number } = partsOfRule(rule);
    const hasNumber = name !== "notBlank" && name !== "visible";
    if (known.includes(name) && (number !== undefined) === hasNumber) continue;
    const all =
      known.length > 0 ? `Its rules here: ${known.join(", ")}. Add others` : "It takes none here. Add one";
    const example = known.includes(name) && hasNumber ? ` ${name} needs a number, as in ${name}(80).` : "";
    throw new Refused(`"${rule}" is no rule for ${word}.${example} ${all} by hand in commands.ts.`);
  }
  const { least, most } = boundsOf(rules) ?? { least: 0, most: 0 };
  if (least > most)
    throw new Refused(`No ${word} can be at least ${least} and at most ${most}. Change one of the rules.`);
}

/** What the rules allow, or undefined if one of them is not known here. */
export function boundsOf(rules: readonly string[]): Bounds | undefined {
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const rule of rules) {
    const { name, number } = partsOfRule(rule);
    if (name === "notBlank") least = Math.max(least, 1);
    else if (name === "visible") continue;
    else if (number === undefined) return undefined;
    else if (name === "minLength" || name === "atLeast") least = Math.max(least, number);
    else if (["maxLength", "maxBytes", "atMost"].includes(name)) most = Math.min(most, number);
    else return undefined;
  }
  return { least, most };
}

/** `maxBytes(64 * 1024)` has the number 65536. */
function partsOfRule(rule: string): { name: string; number: number | undefined } {
  const [, name = "", product] = /^(\w+)(?:\((-?[\d_]+(?: ?\* ?[\d_]+)*)\))?$/.exec(rule) ?? [];
  const number = product?.split("*").reduce((value, each) => value * Number(each.replaceAll("_", "")), 1);
  return { name, number };
}
