import type { Attribute } from "./attribute.ts";
import type { Rule } from "./rules.ts";
import { scalar } from "./scalar.ts";

/** A whole number that JavaScript holds exactly: `quantity: integer(atLeast(1))`. */
export function integer(...rules: Rule[]): Attribute<number> {
  return scalar({
    otherwise: { code: "not_a_whole_number" },
    rules,
    is: (value): value is number => Number.isSafeInteger(value) && !Object.is(value, -0),
    read: (typed) => (/^[+-]?\d{1,16}$/.test(typed) ? Number(typed) + 0 : undefined),
    take: (input) => (typeof input === "number" ? input + 0 : undefined), // -0 becomes 0, as it would in the store
  });
}

/** An exact decimal number, kept as a string so that no cent is lost: `price: decimal()` gives "1234.50". */
export function decimal(...rules: Rule[]): Attribute<string> {
  const read = (typed: string) =>
    /^[+-]?\d{1,100}(\.\d{1,100})?$/.test(typed) ? canonicalNumber(typed) : undefined;
  return scalar({
    otherwise: { code: "not_a_number" },
    rules,
    is: (value): value is string => typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value),
    read,
    take: (input) => (typeof input === "number" ? read(String(input)) : undefined),
  });
}

/** True or false. A form may send "true", "on", "yes" or "1". A checkbox that may stay empty is `optional(boolean())`. */
export function boolean(): Attribute<boolean> {
  return scalar({
    otherwise: { code: "not_a_boolean" },
    is: (value): value is boolean => typeof value === "boolean",
    read: (typed) =>
      /^(true|on|yes|1)$/i.test(typed) || (/^(false|off|no|0)$/i.test(typed) ? false : undefined),
  });
}

/** A number as Postgres writes it: "+01.50" is "1.50", and zero has no sign. */
export function canonicalNumber(text: string): string {
  return text.replace(/^\+|^-(?=[0.]+$)/, "").replace(/^(-?)0+(?=\d)/, "$1");
}

/** Adds without rounding, and keeps the larger number of decimal places, as Postgres does. */
export function exactSum(one: string, other: string): string {
  const places = Math.max(placesOf(one), placesOf(other));
  const sum = scaled(one, places) + scaled(other, places);
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, "0");
  const sign = sum < 0n ? "-" : "";
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function placesOf(number: string): number {
  return number.split(".")[1]?.length ?? 0;
}

function scaled(number: string, places: number): bigint {
  return BigInt(number.replace(".", "") + "0".repeat(places - placesOf(number)));
}
