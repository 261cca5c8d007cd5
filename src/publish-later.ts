import { v5 as derivedFrom } from "uuid";
import { calendarDate } from "#sequent";
import { type DueCommands, userOfProgram } from "#sequent/operations";
import { PublishPost } from "./domain/post/commands.ts";
import { localTimeOf } from "./domain/shared/time-zone.ts";
import type { DuePost } from "./projections/post/schedule.ts";
import type { Questions } from "./projections/queries.ts";

/** The publications that are due. Every process sends the same ones, with the same ids, so each has one effect. */
export function duePublications(queries: Questions): DueCommands {
  return async () => {
    const posts = await queries.ask({ type: "DuePosts", limit: 50 });
    return posts.map((post) => ({ command: publicationOf(post), dueInMs: post.due_in_ms }));
  };
}

/** Its date is the day that the author has chosen, also if it is published late. */
function publicationOf({ aggregate_id, due_at, time_zone, scheduled_version }: DuePost): PublishPost {
  return new PublishPost({
    commandId: derivedFrom(`urn:uuid:${aggregate_id}#${scheduled_version}`, derivedFrom.URL),
    aggregateId: aggregate_id,
    userId: userOfProgram("publish later"),
    publicationDate: calendarDate(new Date(`${localTimeOf(due_at, time_zone)}Z`)),
    scheduledVersion: scheduled_version,
  });
}
