import type { Cause } from "../../messages/base-command.ts";
import type { Metadata } from "../../messages/metadata.ts";
import type { StoredCommand } from "../event-store.ts";

/** The columns of an event under the names of `StoredEvent`, except for the id of its aggregate. */
export const eventColumns = `event.sequence_number as "sequenceNumber",
       event.event_type as type,
       event.event_version as version,
       event.payload,
       event.created_at as "createdAt"`;

/** The user, the metadata and the cause of a command. */
export const askedColumns = `command.user_id as "userId",
       command.metadata,
       case when command.cause_aggregate_id is not null
            then json_build_object(
                   'aggregateId', command.cause_aggregate_id,
                   'sequenceNumber', command.cause_sequence_number
                 )
       end as cause`;

export interface AskedRow {
  readonly userId: string | null;
  readonly metadata: Metadata | null;
  readonly cause: Cause | null;
}

export function askedOf({ userId, metadata, cause }: AskedRow): Pick<StoredCommand, keyof AskedRow> {
  return { userId: userId ?? undefined, metadata: metadata ?? undefined, cause: cause ?? undefined };
}
