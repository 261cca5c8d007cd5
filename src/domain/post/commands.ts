import {
  Command,
  CreationCommand,
  date,
  integer,
  maxBytes,
  maxLength,
  notBlank,
  optional,
  reference,
  string,
  text,
} from "#sequent";
import { comesOnce, localTime, timeZone } from "../shared/time-zone.ts";

const title = string(notBlank, maxLength(120));
const content = text(notBlank, maxBytes(64 * 1024));

/** Adds a draft. With a date, it also publishes it. */
export class AddPost extends CreationCommand("AddPost", {
  authorAggregateId: reference("Author"),
  title,
  content,
  publicationDate: optional(date()),
}) {}

/** Its `seenVersion` is the version that the user saw. Without one, it overwrites later changes of others. */
export class EditPost extends Command("EditPost", { title, content }) {}

/**
 * Publishes it at once, and ends its schedule. A schedule sends it with its own version, the one at which it was scheduled: then
 * nothing happens, unless this very schedule still stands.
 */
export class PublishPost extends Command("PublishPost", {
  publicationDate: date(),
  scheduledVersion: optional(integer()),
}) {}

/** Has it published when clocks in this time zone show this time. If it is scheduled already, it moves. */
export class SchedulePost extends Command("SchedulePost", {
  dueAt: localTime(comesOnce),
  timeZone: timeZone(),
}) {}

export class CancelSchedule extends Command("CancelSchedule") {}
