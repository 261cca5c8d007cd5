import type { JsonObject, RecordedEvent } from "#sequent/operations";

/** An event of ours as CloudEvents 1.0, in structured JSON: https://cloudevents.io. Other programs read it without this project. */
export interface CloudEvent {
  readonly specversion: "1.0";
  /** `<aggregate id>:<sequence number>`: the same each time it is published, so a repetition can be recognised. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The id of the aggregate. The events of one subject come in their order. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly aggregatetype: string;
  /** Counts the events of an aggregate from 1, without gaps. */
  readonly aggregatesequence: number;
  readonly eventversion: number;
  readonly commandid: string;
  /** The request that the command came with, if it is known. */
  readonly correlationid?: string;
  /** The event that made a workflow or a subscription send the command. */
  readonly causationid?: string;
  /** Missing if it is too large for the broker. Then `dataref` names it. */
  readonly data?: JsonObject;
  readonly dataref?: string;
}

type Published = Omit<RecordedEvent, "payload" | "isReadable" | "position">;

export function cloudEventOf(event: Published, source: string, data: JsonObject): CloudEvent {
  const { aggregateId, sequenceNumber, cause, metadata } = event;
  const requestId = metadata?.["requestId"];
  return {
    specversion: "1.0",
    id: idOf(aggregateId, sequenceNumber),
    source,
    type: event.type,
    subject: aggregateId,
    time: event.createdAt.toISOString(),
    datacontenttype: "application/json",
    aggregatetype: event.aggregateType,
    aggregatesequence: sequenceNumber,
    eventversion: event.version,
    commandid: event.commandId,
    ...(requestId === undefined ? {} : { correlationid: String(requestId) }),
    ...(cause ? { causationid: idOf(cause.aggregateId, cause.sequenceNumber) } : {}),
    data,
  };
}

export function idOf(aggregateId: string, sequenceNumber: number): string {
  return `${aggregateId}:${sequenceNumber}`;
}

/** For a broker that takes no message of this size. */
export function withoutData({ data: _, ...envelope }: CloudEvent): CloudEvent {
  return { ...envelope, dataref: `${envelope.source}#${envelope.id}` };
}

/** Undefined if the message is none of ours. */
export function cloudEventIn(text: string): CloudEvent | undefined {
  try {
    const read: CloudEvent | null = JSON.parse(text);
    const isOurs =
      read?.specversion === "1.0" &&
      [read.id, read.type, read.subject, read.aggregatetype].every((each) => typeof each === "string") &&
      Number.isSafeInteger(read.aggregatesequence);
    return isOurs ? read : undefined;
  } catch {
    return undefined;
  }
}

/** A name as a part of an address: brokers read meaning into dots, spaces, `*`, `#` and `>`. */
export function plainName(name: string): string {
  return name.replaceAll(/[^\w-]/g, "_");
}
