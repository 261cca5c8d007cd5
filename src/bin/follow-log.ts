import { setTimeout as sleep } from "node:timers/promises";
import {
  codeOf,
  isConnectionLost,
  type LogPosition,
  messageOf,
  type RecordedEvent,
  type RecordedLog,
  StoreUnavailable,
  type WhichEvents,
} from "#sequent/operations";

/** The events after a position, in the order of the log, until there are no more. */
export async function* eventsAfter(
  log: RecordedLog,
  position: LogPosition | undefined,
  which: WhichEvents,
): AsyncGenerator<RecordedEvent> {
  let last = position;
  for (;;) {
    const events = await log.after(last, page, which);
    yield* events;
    last = events.at(-1)?.position;
    if (events.length < page) return;
  }
}

interface Following {
  readonly log: RecordedLog;
  readonly after: LogPosition | undefined;
  readonly aggregateId: string | undefined;
  readonly show: (event: RecordedEvent) => void;
  /** For everything but the events. */
  readonly say: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Shows new events until it is stopped. If the database is unreachable, it tries again and continues from the last event. */
export async function followLog({ log, after, aggregateId, show, say, signal }: Following): Promise<void> {
  let position = after;
  let isLost = false;
  let quietSince = performance.now();
  while (!signal.aborted) {
    try {
      if (isLost && position !== undefined && !(await log.has(position))) {
        say("Another log has taken its place. All of its events follow.");
        position = undefined;
      }
      for await (const event of eventsAfter(log, position, { aggregateId, isSettled: true })) {
        if (signal.aborted) return;
        show(event);
        position = event.position;
        quietSince = performance.now();
      }
      if (isLost) say("The events can be read again.");
      isLost = false;
      if (performance.now() - quietSince > patienceMs && (await log.isHeldBack())) {
        say(heldBack);
        quietSince = Number.POSITIVE_INFINITY; // report it only once
      }
    } catch (error) {
      const reason = error instanceof StoreUnavailable && error.cause ? error.cause : error;
      if (!isConnectionLost(error) && codeOf(reason) === undefined) throw error; // a mistake of ours
      if (!isLost) say(`The events cannot be read (${messageOf(reason, [])}). Trying again …`);
      isLost = true;
    }
    await sleep(isLost ? 1_000 : 250, undefined, { signal }).catch(() => {}); // it is stopped
  }
}

const page = 500;
const patienceMs = 5_000;

const heldBack =
  'Newer events wait until an open transaction on this server has ended. "npm run events" without --follow shows them.';
