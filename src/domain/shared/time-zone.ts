import { type Attribute, calendarDate, matches, type Rule, scalar, string } from "#sequent";

/** The time that a clock on the wall shows, without its place: "2026-11-20T09:00". */
export function localTime(...rules: Rule[]): Attribute<string> {
  const otherwise = { code: "not_a_local_time", message: "is not a day and a time, as in 2026-11-20 09:00" };
  return scalar({
    otherwise,
    rules,
    is: isLocalTime,
    read: (typed) => typed.replace(/(?<=\d) +(?=\d)/, "T"),
  });
}

/** The name of a time zone: "Europe/Berlin". */
export function timeZone(): Attribute<string> {
  const isKnown = { code: "not_a_time_zone", message: "must be chosen from the list" };
  return string({ test: isTimeZone, message: isKnown }, matches(/^.{0,100}$/, isKnown));
}

/** The names of all time zones that this machine knows. UTC comes first: not every Node lists it. */
export function timeZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];
}

/**
 * A rule for a local time with a `timeZone` beside it: it must come exactly once. In spring, clocks leave out an hour; in autumn,
 * one comes twice.
 */
export const comesOnce: Rule = (chain) =>
  chain
    .custom((local, { req }) => timesOf(local, req["body"]) > 0)
    .withMessage({
      code: "no_such_time",
      message: "does not exist there: the clocks go forward then, so choose a later or an earlier time",
    })
    .custom((local, { req }) => timesOf(local, req["body"]) < 2)
    .withMessage({
      code: "time_comes_twice",
      message: "comes twice there: the clocks go back then, so choose another time, or the time zone UTC",
    });

/** When clocks in this zone show this time: never, once or twice. */
export function instantsOf(local: string, timeZone: string): Date[] {
  const wanted = Date.parse(`${local}Z`);
  const offsets = [wanted - day, wanted + day].map((time) => offsetAt(time, timeZone));
  return [...new Set(offsets)]
    .map((offset) => new Date(wanted - offset))
    .filter((instant) => shownAt(instant, timeZone) === wanted)
    .sort((one, other) => one.getTime() - other.getTime());
}

/** What clocks in this zone show then, to the minute: "2026-11-20T09:00". */
export function localTimeOf(instant: Date, timeZone: string): string {
  return new Date(shownAt(instant, timeZone)).toISOString().slice(0, 16);
}

const day = 24 * 60 * 60 * 1_000;

/** By how many milliseconds clocks in this zone are ahead of UTC. */
function offsetAt(time: number, timeZone: string): number {
  return shownAt(new Date(time), timeZone) - time;
}

/** What clocks in this zone show then, as if it were UTC. A zone that a newer Node has stored may be unknown here. */
function shownAt(instant: Date, zone: string): number {
  const timeZone = isTimeZone(zone) ? zone : "UTC";
  const format = new Intl.DateTimeFormat("en-US", { ...digits, timeZone });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
}

const digits = {
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
} as const;

/** How often clocks show this time in the zone beside it. Once, if that is none: another rule says so. */
function timesOf(local: string, { timeZone }: { readonly timeZone?: unknown }): number {
  return isTimeZone(timeZone) ? instantsOf(local, timeZone).length : 1;
}

function isLocalTime(value: unknown): value is string {
  if (typeof value !== "string" || !/^[12]\d{3}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value))
    return false;
  const instant = new Date(`${value}Z`);
  return !Number.isNaN(instant.getTime()) && calendarDate(instant) === value.slice(0, 10); // no 30th of February
}

function isTimeZone(name: unknown): name is string {
  try {
    return typeof name === "string" && new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
