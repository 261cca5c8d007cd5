import { PublishedLog } from "#sequent/operations";
import { createBlog, eventTypes } from "../blog.ts";
import { BrokerUnavailable, PublishedByAnother } from "../brokers/broker.ts";
import { openPublisher } from "../brokers/open.ts";
import { Publication } from "../brokers/publication.ts";
import type { Database } from "../database/database.ts";
import { stopOnSignal } from "../server/graceful-stop.ts";
import type { Settings } from "../settings.ts";
import { createLog } from "../web/logging/log.ts";
import { command, NotUnderstood, Refused } from "./command.ts";
import { withDatabase } from "./with-database.ts";

const help = `npm run tracker

Publishes every event in the message broker of BROKER_URL, for other programs: NATS, RabbitMQ or Redis. It goes on until Ctrl-C. A
blog with BROKER_URL does this by itself, so you need this program only if the blog runs with SUBSCRIPTIONS=none, or without the
tracker. Several may run: one works, and the others wait for its end.

  npm run tracker                            publish what happens, beginning with what is not published yet
  npm run tracker -- --from beginning        publish all events once more, up to now, and end
  npm run tracker -- --from <event id>       the same from this event on, such as 0198c2d4-…:3
  npm run tracker -- --from <position>       the same after this position of the log, such as 1:4711:42

Publish once more when the broker has lost something, or a consumer begins anew. Consumers recognise repetitions by their id.
The database is DATABASE_URL or, without it, the embedded one in DATA_DIR. See .env.example.`;

await command(
  help,
  async ({ values: { from } }) => {
    await withDatabase(async (database, settings) => {
      const { broker } = settings;
      if (!broker)
        throw new Refused(
          "BROKER_URL is not set: it says where to publish, as in BROKER_URL=nats://localhost:4222",
        );
      if (from === undefined) await track(database, settings);
      else await publishAgain(from, database, broker);
    });
  },
  { options: { from: { type: "string" } } },
);

async function track({ write, read, background }: Database, settings: Settings): Promise<void> {
  const { broker, logLevel, production } = settings;
  const log = createLog({ level: logLevel, pretty: process.stdout.isTTY && !production });
  const subscriptionsToRun = ["Tracker"];
  const { subscriptions } = createBlog({
    write,
    read,
    background,
    broker,
    subscriptionsToRun,
    subscriptionLog: log,
  });
  const stopped = new Promise<void>((resolve) => stopOnSignal(resolve));
  subscriptions.start();
  log.info({ topic: broker?.address.topic }, "publishing events");
  await stopped;
  await subscriptions.stop();
}

async function publishAgain(
  from: string,
  { background }: Database,
  { address, ...broker }: NonNullable<Settings["broker"]>,
): Promise<void> {
  const store = new PublishedLog(background);
  const after = await positionBefore(from, store);
  const publisher = await openPublisher(address).catch(refuse);
  const publication = new Publication(publisher, { ...broker, store, eventTypes });
  try {
    await publication.publishAgain(after);
    console.log(`Published ${counted(publication.count)} once more.`);
  } catch (error) {
    if (!(error instanceof PublishedByAnother)) return refuse(error);
    console.log(
      `Published ${counted(publication.count)} once more. The tracker that runs goes on from there.`,
    );
  } finally {
    await publisher.close();
  }
}

async function positionBefore(from: string, store: PublishedLog) {
  if (from === "beginning") return undefined;
  if (/^\d{1,9}:\d{1,18}:\d{1,18}$/.test(from)) return from;
  const [, aggregateId = "", number] =
    /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}):(\d{1,9})$/i.exec(from) ?? [];
  if (number === undefined)
    throw new NotUnderstood(
      `--from is "${from}", but must be "beginning", the id of an event such as 0198c2d4-…:3, or a position such as 1:4711:42.`,
    );
  const found = await store.find(aggregateId.toLowerCase(), Number(number));
  if (!found) throw new Refused(`There is no event ${from} in this database.`);
  return store.before(found.position, 1);
}

function refuse(error: unknown): never {
  throw error instanceof BrokerUnavailable ? new Refused(error.message, { cause: error }) : error;
}

function counted(events: number): string {
  return events === 1 ? "1 event" : `${events.toLocaleString("en")} events`;
}
