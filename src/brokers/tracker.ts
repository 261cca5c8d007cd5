import { type PageDelivery, Subscription, Unavailable } from "#sequent";
import type { LoggedEvent, SubscriptionLog } from "#sequent/operations";
import { type BrokerAddress, BrokerUnavailable, type Publisher } from "./broker.ts";
import { openPublisher } from "./open.ts";
import { Publication, type PublicationParts } from "./publication.ts";

export interface TrackerParts extends PublicationParts {
  readonly address: BrokerAddress;
  readonly log?: Pick<SubscriptionLog, "info"> | undefined;
}

/** Publishes every event in a message broker, for programs that have no access to the database. */
export class Tracker extends Subscription("Tracker", { from: "beginning" }) {
  readonly #parts: TrackerParts;
  #run: Run | undefined;

  constructor(parts: TrackerParts) {
    super();
    this.#parts = parts;
  }

  /** Each owner has a connection of its own, and each error ends it: then the next one asks the broker how things stand. */
  readonly page = async (events: readonly LoggedEvent[], delivery: PageDelivery): Promise<void> => {
    const run = await this.#runFor(delivery);
    try {
      const missing = await run.publication.publish(events);
      if (missing > 0)
        this.#parts.log?.info(
          { subscription: "Tracker", events: missing },
          "published what the broker did not have",
        );
    } catch (error) {
      run.end();
      if (error instanceof BrokerUnavailable) throw new Unavailable(error.message, { cause: error });
      throw error;
    }
  };

  async #runFor({ fence, signal }: PageDelivery): Promise<Run> {
    if (this.#run?.fence === fence && !this.#run.isOver) return this.#run;
    this.#run?.end();
    const publisher = await openPublisher(this.#parts.address).catch((error) => {
      if (error instanceof BrokerUnavailable) throw new Unavailable(error.message, { cause: error });
      throw error;
    });
    const run = new Run(fence, publisher, new Publication(publisher, this.#parts));
    signal.addEventListener("abort", run.end);
    if (signal.aborted) run.end();
    this.#run = run;
    return run;
  }
}

/** What one owner publishes on one connection. */
class Run {
  readonly fence: string;
  readonly publication: Publication;
  readonly #publisher: Publisher;
  isOver = false;

  constructor(fence: string, publisher: Publisher, publication: Publication) {
    this.fence = fence;
    this.publication = publication;
    this.#publisher = publisher;
  }

  readonly end = (): void => {
    if (!this.isOver) void this.#publisher.close().catch(() => {}); // it was lost
    this.isOver = true;
  };
}
