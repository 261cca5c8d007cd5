import type { DeliveryHandler } from "../messages/message-handler.ts";
import type { LoggedEvent } from "../store/event-store.ts";

interface SubscriptionOptions {
  /** Which events a new subscription gets: all of them, or those that are stored from now on. Later, its position counts. */
  readonly from: "beginning" | "now";
  /** Raise it when the subscription takes more events than before. Then older builds do not work for it any more. */
  readonly version?: number;
  /** How many aggregates are worked on side by side. The events of each come in their order. By default, 8. */
  readonly concurrency?: number;
  /** After this time, a handler has failed. By default, 30 seconds. */
  readonly timeLimitMs?: number;
}

export interface SubscriptionDeclaration extends Required<SubscriptionOptions> {
  /** Its name in the database. It never changes. */
  readonly savedName: string;
}

/** Its class has the declaration. */
export interface SubscriptionClass extends SubscriptionDeclaration {
  readonly name: string;
}

/** What a subscription gets with a page of events. */
export interface PageDelivery {
  /** Aborted if the lease is lost, or the program stops. */
  readonly signal: AbortSignal;
  /** Higher for each new owner. Who is called can refuse a lower one. */
  readonly fence: string;
}

/** A subscription has either `handlers` or `page`. */
export interface Subscription {
  readonly class: SubscriptionClass;
  readonly handlers?: readonly DeliveryHandler[];
  /**
   * Takes all events, a page at a time, as they are stored. It parks nothing: after an error, the page comes again. Throw
   * `Unavailable` to wait.
   */
  readonly page?: (events: readonly LoggedEvent[], delivery: PageDelivery) => unknown;
}

/**
 * Declares a subscription: its name in the database, which never changes, and where it begins. After the commit it gets each
 * event at least once, in the order of the log, also if the process ends in between. A replay never runs it.
 *
 *     export class WelcomeMails extends Subscription("WelcomeMails", { from: "now" }) {
 *       readonly handlers = [on(AuthorAdded, ({ aggregateId }, { id }) => mailer.welcome(aggregateId, id))];
 *     }
 */
export function Subscription(
  savedName: string,
  { from, version = 1, concurrency = 8, timeLimitMs = 30_000 }: SubscriptionOptions,
): DeclaredSubscriptionClass {
  abstract class DeclaredSubscription {
    static readonly savedName = savedName;
    static readonly from = from;
    static readonly version = version;
    static readonly concurrency = concurrency;
    static readonly timeLimitMs = timeLimitMs;

    get class(): SubscriptionClass {
      return this.constructor as unknown as SubscriptionClass;
    }
  }
  return DeclaredSubscription;
}

type DeclaredSubscriptionClass = SubscriptionDeclaration & (abstract new () => Pick<Subscription, "class">);
