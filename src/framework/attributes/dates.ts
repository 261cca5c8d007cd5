import { type Attribute, NotStorable, refuse } from "./attribute.ts";
import { type Rule, rulesOf } from "./rules.ts";
import { scalar, single, unexpected } from "./scalar.ts";

/** A day of the calendar, "2026-11-20". It is not a Date, because a day has no time and no time zone. */
export type CalendarDate = `${number}-${number}-${number}`;

/** A day of the calendar: `publicationDate: date()`. */
export function date(...rules: Rule[]): Attribute<CalendarDate> {
  return scalar({ otherwise: { code: "not_a_date" }, rules, is: isCalendarDate });
}

/** Today in UTC, or the day of the given instant. */
export function calendarDate(instant = new Date()): CalendarDate {
  const day = instant.toISOString().slice(0, 10);
  if (!isCalendarDate(day)) throw new RangeError("A day of the calendar must be in the years 1 to 9999.");
  return day;
}

const months = "January February March April May June July August September October November December".split(
  " ",
);

/** "20 November 2026", for a day of the calendar or an instant in UTC. */
export function longDate(value: Date | string): string {
  const date = typeof value === "string" ? new Date(`${value}T00:00:00Z`) : value;
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** An instant, to the millisecond: `scheduledAt: time()`. */
export function time(...rules: Rule[]): Attribute<Date> {
  const otherwise = { code: "not_a_time" };
  return {
    rules: rulesOf(rules),
    parse(input) {
      const instant = input instanceof Date ? new Date(input) : instantOf(single(input, otherwise));
      return isStorableInstant(instant) ? instant : refuse(otherwise);
    },
    toJson(value) {
      if (!isStorableInstant(value)) throw new NotStorable(value, "not an instant of the years 1 to 9999");
      return value.toISOString();
    },
    fromJson(json) {
      const instant = new Date(typeof json === "string" ? json : Number.NaN);
      if (!isStorableInstant(instant)) throw unexpected(json, "a time");
      return instant;
    },
  };
}

function instantOf(typed: string): Date | undefined {
  const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
  // Date reads the 30th of February as the 2nd of March.
  return iso.test(typed) && isCalendarDate(typed.slice(0, 10)) ? new Date(typed) : undefined;
}

export function isCalendarDate(day: unknown): day is CalendarDate {
  if (typeof day !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const instant = new Date(`${day}T00:00:00Z`);
  return isStorableInstant(instant) && instant.getUTCDate() === Number(day.slice(8)); // not the day after the last
}

export function isStorableInstant(instant: unknown): instant is Date {
  if (!(instant instanceof Date)) return false;
  const year = instant.getUTCFullYear(); // NaN for an invalid date
  return year >= 1 && year <= 9999;
}
