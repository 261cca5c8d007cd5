import { mkdirSync, realpathSync } from "node:fs";
import { Socket } from "node:net";
import { findHost } from "./find-host.ts";
import { socketPath } from "./host-files.ts";
import { defaultHostOptions, type HostOptions } from "./host-options.ts";
import { startHost } from "./start-host.ts";

export interface EmbeddedPostgresOptions extends Partial<HostOptions> {
  /** How long to wait for a host to answer. */
  startTimeoutMs?: number;
}

export interface EmbeddedPostgres {
  /** A socket directory for pg and psql. (On Windows the name of a pipe: use embeddedConnection there.) */
  host: string;
  user: string;
  database: string;
}

const LOGIN = { user: "postgres", database: "postgres" };
const starting = new Map<string, Promise<string>>();

/**
 * Finds the host of a data directory, or starts it: whoever connects is its supervisor.
 *
 * @example
 * const client = new pg.Client(await ensureEmbeddedPostgres("data"));
 */
export async function ensureEmbeddedPostgres(
  dataDirectory: string,
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(dataDirectory);
  return { host: (await findHost(directory)) ?? (await startOnce(directory, options)), ...LOGIN };
}

function startOnce(directory: string, options: EmbeddedPostgresOptions): Promise<string> {
  const { startTimeoutMs = 30_000, ...hostOptions } = options;
  const start =
    starting.get(directory) ??
    startHost(directory, { ...defaultHostOptions, ...hostOptions }, startTimeoutMs).finally(() =>
      starting.delete(directory),
    );
  starting.set(directory, start);
  return start;
}

/**
 * Options for pg.Client, pg.Pool or Knex. Every connection they open first makes sure of the host, so that a pool
 * recovers by itself when the host died.
 *
 * @example
 * knex({ client: "pg", connection: embeddedConnection("data") });
 */
export function embeddedConnection(dataDirectory: string, options: EmbeddedPostgresOptions = {}) {
  return { ...LOGIN, stream: () => new HostSocket(dataDirectory, options) };
}

class HostSocket extends Socket {
  readonly #findHost: () => Promise<EmbeddedPostgres>;

  constructor(dataDirectory: string, options: EmbeddedPostgresOptions) {
    super();
    this.#findHost = () => ensureEmbeddedPostgres(dataDirectory, options);
  }

  /** Called by pg, with an address that means nothing here. */
  override connect(): this {
    this.#findHost().then(
      ({ host }) => this.destroyed || super.connect(socketPath(host)),
      (error: Error) => this.destroy(error),
    );
    return this;
  }
}
