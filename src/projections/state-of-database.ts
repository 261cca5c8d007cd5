import type { PostgresConnections } from "#sequent/operations";

/**
 * A text that stays the same only while no transaction has ended, so all other questions have the same answers. Undefined if the
 * server cannot tell.
 */
export async function StateOfDatabase(views: PostgresConnections): Promise<string | undefined> {
  const state = await views.first<State>(stateOfDatabase);
  return state && isExact(state.snapshot) ? `${state.snapshot} ${state.server}` : undefined;
}

interface State {
  readonly snapshot: string;
  readonly server: string;
}

/**
 * After a crash or a failover, a server may use the numbers of lost transactions again. So the state also has the last checkpoint and the start
 * of the server: a recovery changes at least one of them.
 */
const stateOfDatabase = `
select pg_current_snapshot()::text as snapshot,
       concat_ws(' ', checkpoint_lsn, pg_postmaster_start_time()) as server
  from pg_control_checkpoint()`;

/**
 * A snapshot is `xmin:xmax:running`: all transactions below xmax have ended, except the running ones. A replica does not list the
 * running ones. So there the snapshot is exact only if none runs: if xmin is xmax.
 */
function isExact(snapshot: string): boolean {
  const [xmin, xmax, running] = snapshot.split(":");
  return xmin === xmax || running !== "";
}
