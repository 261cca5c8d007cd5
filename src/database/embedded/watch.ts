import type { Socket } from "node:net";
import { join } from "node:path";
import pg from "pg";
import type { Place } from "./place.ts";

const name = "sequent-blog watch";

/**
 * Ends the server when its last client is gone, even if that was killed. A session of the server does this: it goes on if
 * the program that began it is killed, and if the session itself is killed, the server ends with it.
 */
export async function watch(connection: { readonly stream: () => Socket }, place: Place): Promise<void> {
  const stream = () => connection.stream().unref(); // so that it does not keep the program from ending
  const client = new pg.Client({ ...connection, stream, application_name: name });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query("select pg_try_advisory_lock(hashtext($1)) as first", [name]);
    if (rows[0].first) await client.query(untilAlone(place));
  } catch {
    // The server has ended.
  } finally {
    await client.end().catch(() => {});
  }
}

/** In short transactions, because a long one would keep dead rows from being vacuumed. */
function untilAlone({ cluster, log, programs }: Place): string {
  const pgCtl = join(programs, "pg_ctl");
  const quoted = process.platform === "win32" ? `"${pgCtl}"` : `'${pgCtl.replaceAll("'", "'\\''")}'`;
  return `
do $watch$
declare
  seconds_alone integer := 0;
begin
  copy (select) to ${pg.escapeLiteral(join(cluster, "watched"))};
  while seconds_alone < 3 loop
    if (pg_stat_file(${pg.escapeLiteral(log)})).size > 1000000 then
      copy (select) to ${pg.escapeLiteral(log)}; -- empties it
    end if;
    perform pg_sleep(1);
    commit;
    seconds_alone := case
      when exists (
        select from pg_stat_activity
         where backend_type = 'client backend' and application_name <> ${pg.escapeLiteral(name)}
      ) then 0
      else seconds_alone + 1
    end;
  end loop;
  copy (select) to program ${pg.escapeLiteral(`${quoted} stop --no-wait --mode fast --pgdata .`)};
end;
$watch$`;
}
