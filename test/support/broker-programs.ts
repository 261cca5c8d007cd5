import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface BrokerPlace {
  readonly port: number;
  readonly directory: string;
  /** For the other servers of a cluster. */
  readonly peerPort: number;
  /** All servers of the cluster, if there is one. */
  readonly peers: readonly Pick<BrokerPlace, "port" | "peerPort">[];
  readonly options: readonly string[];
}

interface Program {
  url(port: number): string;
  prepare(place: BrokerPlace): Promise<{
    readonly command: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** The package of Debian. */
    readonly install: string;
  }>;
}

const nats: Program = {
  url: (port) => `nats://127.0.0.1:${port}`,
  prepare: async ({ port, peerPort, directory, peers, options }) => {
    const routes = peers.map((peer) => `nats://127.0.0.1:${peer.peerPort}`).join(",");
    const cluster = [
      "--cluster_name",
      "test",
      "--cluster",
      `nats://127.0.0.1:${peerPort}`,
      "--routes",
      routes,
    ];
    return {
      command: [
        ...["nats-server", "--addr", "127.0.0.1", "--port", String(port), "--server_name", `n${port}`],
        ...["--jetstream", "--store_dir", directory, ...(peers.length > 0 ? cluster : []), ...options],
      ],
      install: "nats-server",
    };
  },
};

const redis: Program = {
  url: (port) => `redis://127.0.0.1:${port}`,
  prepare: async ({ port, directory, options }) => ({
    command: [
      ...["redis-server", "--bind", "127.0.0.1", "--port", String(port), "--dir", directory],
      ...["--appendonly", "yes", "--save", "", ...options],
    ],
    install: "redis-server",
  }),
};

/** By its own program: the one in PATH only runs as the user of Debian, in the folder of Debian. */
const rabbitmq: Program = {
  url: (port) => `amqp://guest:guest@127.0.0.1:${port}`,
  prepare: async ({ port, peerPort, directory, peers, options }) => {
    const nodes = peers.map(
      (peer, place) => `cluster_formation.classic_config.nodes.${place + 1} = ${nodeAt(peer.port)}`,
    );
    const settings = [
      `listeners.tcp.local = 127.0.0.1:${port}`,
      ...(peers.length > 0 ? ["cluster_formation.peer_discovery_backend = classic_config", ...nodes] : []),
      ...options,
    ];
    await writeFile(join(directory, "rabbitmq.conf"), `${settings.join("\n")}\n`);
    await writeFile(join(directory, "plugins"), "[].\n");
    await writeFile(join(directory, ".erlang.cookie"), "sequent", { mode: 0o600 });
    return {
      command: ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
      env: {
        HOME: directory,
        ERL_EPMD_ADDRESS: "127.0.0.1",
        RABBITMQ_CONF_ENV_FILE: "/dev/null",
        RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "plugins"),
        RABBITMQ_MNESIA_BASE: join(directory, "data"),
        RABBITMQ_LOG_BASE: join(directory, "log"),
        RABBITMQ_NODENAME: nodeAt(port),
        RABBITMQ_DIST_PORT: String(peerPort),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
      },
      install: "rabbitmq-server",
    };
  },
};

const nodeAt = (port: number) => `sequent-${port}@localhost`;

export const programs = { nats, redis, rabbitmq };

export type Kind = keyof typeof programs;
