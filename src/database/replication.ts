import type { Knex } from "knex";
import { PostgresConnections } from "#sequent/operations";

/** The position of a primary, and whether its streaming replica has reached it. */
export function replication({ primary, replica }: { readonly primary: Knex; readonly replica: Knex }) {
  const [onPrimary, onReplica] = [new PostgresConnections(primary), new PostgresConnections(replica)];
  return {
    position: async (): Promise<string> =>
      (await onPrimary.first<{ position: string }>(currentPosition))?.position ?? "",
    isReplayed: async (position: string): Promise<boolean> =>
      (await onReplica.first<{ replayed: boolean }>(isReplayed, [position]))?.replayed ?? false,
  };
}

/** The insert position, not the write position: with synchronous_commit off, a commit is acknowledged before it is written. */
const currentPosition = "select pg_current_wal_insert_lsn()::text as position";

/** Null, so not replayed, on a server that never was a replica: it has no such position. */
const isReplayed = "select pg_last_wal_replay_lsn() >= $1::pg_lsn as replayed";
