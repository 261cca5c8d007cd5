import { type Clock, machineClock } from "../messages/clock.ts";
import { type BaseEvent, withEnvelope } from "../messages/event.ts";

/**
 * The `beforeEach` of the test runner. `start` runs before each test and returns a function to run after it. If a runner does
 * not run that function, only the last check is missing.
 */
export type BeforeEach = (start: () => () => void) => unknown;

/** The time in one test, and the numbers of the events that it names. */
export class SpecTime {
  readonly #otherwise: Clock;
  readonly #numbers = new Map<string, number>();
  #time: Date | undefined;

  constructor(otherwise: Clock = machineClock) {
    this.#otherwise = otherwise;
  }

  set(time: Date | string): void {
    const date = new Date(time);
    if (Number.isNaN(date.getTime()))
      throw new TypeError(`"${time}" is not a time. A time looks like "2026-11-20T09:00:00Z".`);
    this.#time = date;
  }

  readonly now: Clock = () => this.#time ?? this.#otherwise();

  /** Gives the next numbers and the present time to events of `Event.of`, which have none. */
  happened(events: readonly BaseEvent[]): BaseEvent[] {
    return events.map((event) => {
      const { aggregateId } = event;
      const sequenceNumber = event.sequenceNumber || (this.#numbers.get(aggregateId) ?? 0) + 1;
      this.#numbers.set(aggregateId, sequenceNumber);
      const createdAt = event.sequenceNumber === 0 ? this.#time : undefined;
      return withEnvelope(event, { sequenceNumber, createdAt: createdAt ?? event.createdAt });
    });
  }
}
