/** For a domain, a projection and a page. Import it as `#sequent`. */
export { AggregateRoot, type UniqueKeys } from "./aggregates/aggregate-root.ts";
export { append } from "./aggregates/aggregate-state.ts";
export { EditConflict, merge } from "./aggregates/merge.ts";
export type { Attribute } from "./attributes/attribute.ts";
export { type CalendarDate, calendarDate, date, longDate, time } from "./attributes/dates.ts";
export { list, optional } from "./attributes/lists.ts";
export { boolean, decimal, integer } from "./attributes/numbers.ts";
export { erased, personal } from "./attributes/personal.ts";
export {
  atLeast,
  atMost,
  matches,
  maxBytes,
  maxLength,
  minLength,
  notBlank,
  type Rule,
  visible,
} from "./attributes/rules.ts";
export { scalar } from "./attributes/scalar.ts";
export { sealSecret, verifySecret } from "./attributes/sealing.ts";
export { secret } from "./attributes/secret.ts";
export { email, oneOf, reference, string, text, uuid } from "./attributes/texts.ts";
export { CommandHandler } from "./commands/command-handler.ts";
export type { DomainModule } from "./commands/domain-module.ts";
export { Workflow } from "./commands/workflow.ts";
export { VersionConflict } from "./errors/aggregate-errors.ts";
export { DomainError } from "./errors/domain-error.ts";
export { AggregateClosed, AggregateKeyNotUnique, AggregateNotFound } from "./errors/store-errors.ts";
export { BaseCommand } from "./messages/base-command.ts";
export { CommandNotValid } from "./messages/check-command.ts";
export { Command, CreationCommand } from "./messages/command.ts";
export type { Delivery } from "./messages/delivery.ts";
export { anyEvent, BaseEvent, Event, type Upcast } from "./messages/event.ts";
export { on } from "./messages/message-handler.ts";
export { actsFor, isProgram } from "./messages/user.ts";
export { object, ValueObject } from "./messages/value-object.ts";
export { column, nullable } from "./projections/column.ts";
export { Projector } from "./projections/projector.ts";
export { type ChangesOf, increment, type RowOf, table } from "./projections/table.ts";
export { type PageDelivery, Subscription } from "./subscriptions/subscription.ts";
export { Unavailable } from "./subscriptions/unavailable.ts";
