import { isUuid, type PostgresConnections } from "#sequent/operations";

export interface PageRequest {
  /** The most rows that the page may have. */
  readonly limit: number;
  /** The `next` of the page before. One that we did not make is ignored. */
  readonly after?: string | undefined;
}

/** A page of a list, and the cursor of the next page if there is one. */
export interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/** The place of a row in its list: the value that the list is sorted by, and the id for rows with equal values. */
type Place = readonly [sortedBy: string | Date, id: string];

/**
 * A list that is read page by page. All pages have the same SQL; the first one begins at a place before all rows. $1 is the
 * number of rows. $2 and $3 are the place after which the page begins. Other values follow from $4 on.
 *
 *     const authors: List<AuthorRecord> = {
 *       order: "by text",
 *       placeOf: ({ name, aggregate_id }) => [name, aggregate_id],
 *       sql: `
 *     select … from view_schema.author_records
 *      where (name, aggregate_id) > ($2, $3::uuid)
 *      order by name, aggregate_id
 *      limit $1`,
 *     };
 */
export interface List<Row extends object> {
  readonly order: Order;
  readonly placeOf: (row: Row) => Place;
  readonly sql: string;
}

type Order = keyof typeof beginnings;

/** Places before the first row. */
const beginnings = {
  "by text": ["", "00000000-0000-0000-0000-000000000000"],
  "newest first": ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
} as const;

/** A page of a list. It asks for one more row: if there is one, there is a next page. */
export async function pageOf<Row extends object>(
  views: PostgresConnections,
  { sql, order, placeOf }: List<Row>,
  { limit, after }: PageRequest,
  ...values: readonly unknown[]
): Promise<PageOf<Row>> {
  const rows = await views.all<Row>(sql, [limit + 1, ...placeAt(after, order), ...values]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = last !== undefined && rows.length > limit ? encode(placeOf(last)) : undefined;
  return { rows: shown, next };
}

/** The longest cursor. Node accepts 16 KB for an address and the headers. So a list may be sorted by a text of about 1,000 characters. */
const longest = 8_000;

/** The place of a cursor. A cursor that we did not make gives the beginning. */
function placeAt(cursor: string | undefined, order: Order): readonly [string, string] {
  const beginning = beginnings[order];
  if (cursor === undefined || cursor.length > longest) return beginning;
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (!Array.isArray(place) || place.length !== 2) return beginning;
    const [value, id] = place;
    return typeof value === "string" && isUuid(id) && isSortable(value, order) ? [value, id] : beginning;
  } catch {
    return beginning;
  }
}

function encode(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function isSortable(value: string, order: Order): boolean {
  if (order === "by text") return !value.includes("\0") && value.isWellFormed();
  return isTime(value);
}

/** A time in our format that Postgres accepts: no year 0, no 30th of February. */
function isTime(value: string): boolean {
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value && /^(?!0000)\d{4}-/.test(value);
}
