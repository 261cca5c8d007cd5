import type { Store } from "./store.ts";

/** Cursors of later pages of the list of published posts, from its middle on. */
export async function cursorsOf({ database }: Pick<Store, "database">, limit: number): Promise<string[]> {
  const { rows } = await database.patient.raw(
    `select published_at, aggregate_id
       from view_schema.post_records
      where published_at is not null
      order by published_at desc
     offset (select count(*) / 2 from view_schema.post_records)
      limit ?`,
    [limit],
  );
  return (rows as { published_at: Date; aggregate_id: string }[]).map((row) => {
    const place = JSON.stringify([row.published_at.toISOString(), row.aggregate_id]);
    return Buffer.from(place).toString("base64url");
  });
}
