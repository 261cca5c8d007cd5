const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** "20 November 2026", of a day of the calendar or of an instant in UTC. */
export function longDate(value: Date | string): string {
  return date.format(typeof value === "string" ? new Date(`${value}T00:00:00Z`) : value);
}
