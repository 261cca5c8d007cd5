/** The part of Emmett that is used here, so that types can be checked without installing it. */
declare module "@event-driven-io/emmett" {
  export interface Event {
    readonly type: string;
    readonly data: Record<string, unknown>;
  }
  export interface EventStore {
    appendToStream(stream: string, events: readonly Event[]): Promise<unknown>;
    close(): Promise<void>;
    readonly schema: { migrate(): Promise<unknown> };
  }
  export function CommandHandler<State>(options: {
    readonly evolve: (state: State, event: Event) => State;
    readonly initialState: () => State;
  }): (store: EventStore, stream: string, decide: (state: State) => readonly Event[]) => Promise<unknown>;
  export const projections: { inline(list: readonly unknown[]): readonly unknown[] };
}

declare module "@event-driven-io/emmett-postgresql" {
  import type { Event, EventStore } from "@event-driven-io/emmett";

  export function getPostgreSQLEventStore(
    connectionString: string,
    options?: { readonly projections: readonly unknown[] },
  ): EventStore;
  export type ReadEvent = Event & { readonly metadata: { readonly streamName: string } };
  export function postgreSQLRawSQLProjection(options: {
    readonly name: string;
    readonly canHandle: readonly string[];
    readonly evolve: (event: ReadEvent) => unknown;
    readonly init: () => unknown;
  }): unknown;
  export function postgreSQLRawBatchSQLProjection(options: {
    readonly name: string;
    readonly canHandle: readonly string[];
    readonly evolve: (events: readonly ReadEvent[]) => readonly unknown[];
    readonly init: () => unknown;
  }): unknown;
  export function rebuildPostgreSQLProjections(options: {
    readonly connectionString: string;
    readonly projections: readonly unknown[];
    readonly pulling: { readonly batchSize: number };
  }): { start(): Promise<void>; close(): Promise<void> };
  export function pongoSingleStreamProjection<Document>(options: {
    readonly collectionName: string;
    readonly canHandle: readonly string[];
    readonly evolve: (document: Document, event: Event) => Document;
    readonly initialState: () => Document;
  }): unknown;
}

declare module "@event-driven-io/dumbo" {
  export function SQL(parts: TemplateStringsArray, ...values: readonly unknown[]): unknown;
}
