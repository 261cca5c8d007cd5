import { type Clock, machineClock } from "../messages/clock.ts";
import { type BaseEvent, withEnvelope } from "../messages/event.ts";

/** The clock of one test: as another one, until the test says what time it is. */
export class SpecClock {
  readonly #otherwise: Clock;
  #time: Date | undefined;

  constructor(otherwise: Clock = machineClock) {
    this.#otherwise = otherwise;
  }

  set(time: Date | string): void {
    const date = new Date(time);
    if (Number.isNaN(date.getTime()))
      throw new TypeError(`"${time}" is no time. A time looks like "2026-11-20T09:00:00Z".`);
    this.#time = date;
  }

  readonly now: Clock = () => this.#time ?? this.#otherwise();

  /** Events of `Event.of`, which do not say when, with the time that it is. */
  dated(events: readonly BaseEvent[]): readonly BaseEvent[] {
    const createdAt = this.#time;
    if (!createdAt) return events;
    return events.map((event) => (event.sequenceNumber === 0 ? withEnvelope(event, { createdAt }) : event));
  }
}
