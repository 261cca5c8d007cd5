import { type BaseEvent, withEnvelope } from "../messages/event.ts";

/** Events of `Event.of`, which have no numbers, with those that they have if they happened in this order. */
export function numbered(events: readonly BaseEvent[]): BaseEvent[] {
  const last = new Map<string, number>();
  return events.map((event) => {
    const sequenceNumber = event.sequenceNumber || (last.get(event.aggregateId) ?? 0) + 1;
    last.set(event.aggregateId, sequenceNumber);
    return withEnvelope(event, { sequenceNumber });
  });
}
