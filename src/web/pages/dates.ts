const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** "20 November 2026 at 14:05 UTC" */
export function longTime(instant: Date): string {
  return `${time.format(instant)} UTC`;
}
