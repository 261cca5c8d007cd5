export interface HostOptions {
  /** How long the host stays after its last client left. */
  lingerMs: number;
  /** How long one step in Postgres may take before the process is killed. */
  stepLimitMs: number;
  /** How long a client may be silent in a transaction while others wait. */
  idleInTransactionMs: number;
  /** How often to vacuum and checkpoint, if there was anything to do. */
  maintenanceMs: number;
}

export const defaultHostOptions: HostOptions = {
  lingerMs: 3_000,
  stepLimitMs: 60_000,
  idleInTransactionMs: 30_000,
  maintenanceMs: 60_000,
};

/** The exit code of a host that found another one. */
export const LOCKED = 75;
