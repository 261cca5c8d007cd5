/** What a domain, a projection and a page need. Import it as `#sequent`. */
export { VersionConflict } from "./aggregate-repository.ts";
export { AggregateRoot, type UniqueKeys } from "./aggregate-root.ts";
export { append } from "./aggregate-state.ts";
export type { Attribute, Rule } from "./attribute.ts";
export {
  boolean,
  type CalendarDate,
  calendarDate,
  date,
  decimal,
  email,
  integer,
  list,
  oneOf,
  optional,
  reference,
  string,
  text,
  time,
  uuid,
} from "./attributes.ts";
export { BaseCommand } from "./base-command.ts";
export { CommandNotValid } from "./check-command.ts";
export { Command, CreationCommand } from "./command.ts";
export { CommandHandler } from "./command-handler.ts";
export { longDate } from "./dates.ts";
export { DomainError } from "./domain-error.ts";
export type { DomainModule } from "./domain-module.ts";
export { anyEvent, BaseEvent, Event, type Upcast } from "./event.ts";
export { AggregateClosed, AggregateKeyNotUnique, AggregateNotFound } from "./event-store/errors.ts";
export { EditConflict, merge } from "./merge.ts";
export { on } from "./message-handler.ts";
export { column, nullable } from "./persistor/column.ts";
export { type ChangesOf, increment, type RowOf, table } from "./persistor/table.ts";
export { erased, personal } from "./personal.ts";
export { Projector } from "./projector.ts";
export { atLeast, atMost, matches, maxBytes, maxLength, minLength, notBlank, visible } from "./rules.ts";
export { sealSecret, secret, verifySecret } from "./secret.ts";
export { object, ValueObject } from "./value-object.ts";
export { Workflow } from "./workflow.ts";
