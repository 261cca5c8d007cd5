export interface Settings {
  readonly broker: { readonly url: string; readonly topic: string };
  /** If undefined, a Postgres of its own in `data/search`. */
  readonly databaseUrl: string | undefined;
  readonly port: number;
  readonly bindAddress: string;
}

/** A person can correct it. The message says how. */
export class CannotStart extends Error {}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const text = (name: string) => env[name]?.trim() || undefined;
  const [url, port = "3002"] = [text("BROKER_URL"), text("PORT")];
  if (url === undefined)
    throw new CannotStart(
      "BROKER_URL is needed: the broker in which the blog publishes its events, as in BROKER_URL=nats://localhost:4222",
    );
  if (!/^(nats|amqps?|rediss?):\/\/\S+$/.test(url) || !URL.canParse(url))
    throw new CannotStart("BROKER_URL is not the address of a broker: nats://…, amqp://… or redis://…");
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new CannotStart(`PORT is "${port}", but must be a whole number up to 65535, as in PORT=3002`);
  const databaseUrl = text("SEARCH_DATABASE_URL");
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\/\S+$/.test(databaseUrl))
    throw new CannotStart(
      "SEARCH_DATABASE_URL is not the address of a Postgres: postgres://user:password@localhost:5432/search",
    );
  return {
    broker: { url, topic: text("BROKER_TOPIC") ?? "sequent-blog" },
    databaseUrl,
    port: Number(port),
    bindAddress: text("BIND_ADDRESS") ?? "127.0.0.1",
  };
}
