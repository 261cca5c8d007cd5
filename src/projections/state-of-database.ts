import type { PostgresConnections } from "#sequent/operations";

/**
 * A text that is the same only while all other questions have the same answers, because no transaction has ended in
 * between. Undefined where the server cannot tell.
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
 * A server that recovers from a crash, or takes over from another one, may give the numbers of transactions again that
 * were lost. So the last checkpoint and the start of the server belong to the state: a recovery moves at least one of them.
 */
const stateOfDatabase = `
select pg_current_snapshot()::text as snapshot,
       concat_ws(' ', checkpoint_lsn, pg_postmaster_start_time()) as server
  from pg_control_checkpoint()`;

/**
 * A snapshot is `xmin:xmax:running`: what is below xmax has ended, except what is running. A replica does not name what
 * is running, so there it is exact only if nothing is: if xmin is xmax.
 */
function isExact(snapshot: string): boolean {
  const [xmin, xmax, running] = snapshot.split(":");
  return xmin === xmax || running !== "";
}
