import { on, Projector } from "#sequent";
import * as postEvents from "../../domain/post/events.ts";
import { postRevisionRecords } from "./record.ts";

/** Keeps every event of a post as it is. So a new kind of event needs no change here. */
export class PostRevisionProjector extends Projector("PostRevisionProjector", {
  version: 2,
  tables: [postRevisionRecords],
  partitioned: true,
}) {
  readonly handlers = [
    on(Object.values(postEvents), (event) =>
      this.create(postRevisionRecords, {
        post_aggregate_id: event.aggregateId,
        version: event.sequenceNumber,
        event_type: event.class.type,
        payload: event.toJson(),
        created_at: event.createdAt,
      }),
    ),
  ];
}
