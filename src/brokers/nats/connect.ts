import type { NatsConnection } from "@nats-io/transport-node";
import { BrokerUnavailable } from "../broker.ts";
import { client } from "../client.ts";
import { patienceMs, within } from "../within.ts";

const packages = ["@nats-io/transport-node@3.3.1", "@nats-io/jetstream@3.3.1"];

export const natsClient = () => client(() => import("@nats-io/transport-node"), "nats", packages);
export const jetstreamClient = () => client(() => import("@nats-io/jetstream"), "nats", packages);

/** One connection. It is not made again when it is lost: whoever uses it opens another one, and asks first how things stand. */
export async function connectToNats(url: string): Promise<NatsConnection> {
  const { connect } = await natsClient();
  const { host, username, password } = new URL(url);
  const login = username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {};
  const connecting = connect({ servers: host, ...login, reconnect: false, timeout: patienceMs });
  return within(connecting, "connecting to NATS");
}

export function lost(cause?: unknown): BrokerUnavailable {
  return new BrokerUnavailable("NATS: the connection was lost", { cause });
}
