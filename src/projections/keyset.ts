import { isUuid } from "#sequent/operations";
import type { Page } from "./queries.ts";

/** The place of a row in the order of its list: what the list is sorted by, and the id that tells equals apart. */
export type Place = readonly [sortedBy: string, id: string];

/** The rows that were asked for, of one more than that; the one more says that there is a next page. */
export function pageOf<Row>(rows: readonly Row[], limit: number, placeOf: (row: Row) => Place): Page<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = last !== undefined && rows.length > limit ? encode(placeOf(last)) : undefined;
  return { rows: shown, next };
}

/** The place that a cursor stands for; a cursor that is not one of ours stands for the beginning. */
export function cursorOf(cursor: string | undefined, sortedBy: "text" | "time"): Place | readonly [] {
  if (cursor === undefined || cursor.length > 1_000) return [];
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (!Array.isArray(place) || place.length !== 2) return [];
    const [value, id] = place;
    return typeof value === "string" && isUuid(id) && isSortable(value, sortedBy) ? [value, id] : [];
  } catch {
    return [];
  }
}

function encode(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function isSortable(value: string, sortedBy: "text" | "time"): boolean {
  if (sortedBy === "text") return !value.includes("\0") && value.isWellFormed();
  return isTime(value);
}

/** As we write it, and as Postgres knows it too: it has no year 0 and no 30th of February. */
function isTime(value: string): boolean {
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value && /^(?!0000)\d{4}-/.test(value);
}
