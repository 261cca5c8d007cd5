const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** "20 November 2026", of an instant or of a day of the calendar. */
export function longDate(value: Date | string): string {
  return date.format(typeof value === "string" ? new Date(`${value}T00:00:00Z`) : value);
}

/** "20 November 2026 at 14:05 UTC" */
export function longTime(instant: Date): string {
  return `${time.format(instant)} UTC`;
}
