import { on, Projector } from "#sequent";
import * as authorEvents from "../../domain/author/events.ts";
import { authorRevisionRecords } from "./record.ts";

const { AuthorErased, ...eventsOfAnAccount } = authorEvents;

/** Keeps every event of an author as it is, until the author is erased. So a new kind of event needs no change here. */
export class AuthorRevisionProjector extends Projector("AuthorRevisionProjector", {
  version: 1,
  tables: [authorRevisionRecords],
  partitioned: true,
}) {
  readonly handlers = [
    on(Object.values(eventsOfAnAccount), (event) =>
      this.create(authorRevisionRecords, {
        author_aggregate_id: event.aggregateId,
        version: event.sequenceNumber,
        event_type: event.class.type,
        payload: event.toJson(),
        created_at: event.createdAt,
      }),
    ),

    on(AuthorErased, ({ aggregateId }) =>
      this.delete(authorRevisionRecords, { author_aggregate_id: aggregateId }),
    ),
  ];
}
