/** For a program that runs a domain: stores, replay, maintenance. Import it as `#sequent/operations`. */
export { AggregateReader } from "./aggregates/aggregate-reader.ts";
export { AggregateRepository } from "./aggregates/aggregate-repository.ts";
export { BaseAggregate } from "./aggregates/aggregate-root.ts";
export { HandlerMistake } from "./aggregates/handler-mistake.ts";
export type { Snapshots } from "./aggregates/snapshot.ts";
export { SnapshotNotComplete, SnapshotTaker, takeSnapshot } from "./aggregates/snapshot-taker.ts";
export {
  type Attributes,
  type Json,
  type JsonObject,
  NotStorable,
  Unacceptable,
  type ValuesOf,
} from "./attributes/attribute.ts";
export { declaredFields } from "./attributes/form-fields.ts";
export { newId } from "./attributes/ids.ts";
export { isUuid } from "./attributes/texts.ts";
export {
  type CommandFilter,
  CommandIdReused,
  CommandService,
  type CommandServiceOptions,
} from "./commands/command-service.ts";
export { domainOf } from "./commands/domain-module.ts";
export { type DueCommand, type DueCommands, sendWhenDue } from "./commands/due-commands.ts";
export { requireUser, UserRequired } from "./commands/require-user.ts";
export { type CommandMiddleware, type CommandResult, NoCommandHandler } from "./commands/unit-of-work-run.ts";
export { checkWiring, eventsNobodyTakes, type Wiring, wiringProblems } from "./commands/wiring.ts";
export type { WorkflowClass } from "./commands/workflow.ts";
export { WrongAggregateType } from "./errors/aggregate-errors.ts";
export {
  codeOf,
  describeError,
  type ErrorDescription,
  errorText,
  messageOf,
  serverMessage,
  withCauses,
} from "./errors/describe-error.ts";
export { type Errors, type MessageCode, type Messages, messagesIn } from "./errors/error-messages.ts";
export { NotWired } from "./errors/not-wired.ts";
export {
  AggregateAlreadyExists,
  CommandAlreadyStored,
  ConcurrentChange,
  SequenceGap,
  StoreUnavailable,
  ViewNotLive,
  ViewsNotCurrent,
} from "./errors/store-errors.ts";
export {
  deleteAllSnapshots,
  deleteOutdatedSnapshots,
  takeDueSnapshots,
} from "./maintenance/due-snapshots.ts";
export {
  ErasureNotAllowed,
  PersonalErasure,
  recordedErasures,
  vacuum,
} from "./maintenance/personal-erasure.ts";
export { type Search, searchEveryTable } from "./maintenance/search-every-table.ts";
export { GivenEvents, storeFacts } from "./maintenance/store-facts.ts";
export { UniqueKeyBackfill } from "./maintenance/unique-key-backfill.ts";
export type { Cause, CommandEnvelope } from "./messages/base-command.ts";
export type { Clock } from "./messages/clock.ts";
export type { EventClass } from "./messages/event.ts";
export { EventNotListed, EventNotReadable, EventTypes, UnknownEventType } from "./messages/event-types.ts";
export { WorkNotAwaited } from "./messages/handler-gate.ts";
export { type PublicPayload, publicPayload } from "./messages/public-payload.ts";
export { userOfProgram } from "./messages/user.ts";
export type { Persistor } from "./projections/persistor.ts";
export { type ProjectorClass, TableNotManaged } from "./projections/projector.ts";
export { ProjectorFailed } from "./projections/projector-failed.ts";
export type { NewRowOf, Table } from "./projections/table.ts";
export { ValueDoesNotFit } from "./projections/values.ts";
export { buildViews, type ViewBuilding } from "./replay/build-views.ts";
export { changedTables } from "./replay/changed-tables.ts";
export {
  DatabaseLost,
  isConnectionLost,
  ReplayLost,
  ReplayNotPossible,
  ReplayUnderWay,
} from "./replay/errors.ts";
export { type ReplayPart, runPart } from "./replay/part.ts";
export type { ReplayPlan } from "./replay/prepare.ts";
export { Replay, type ReplayOptions } from "./replay/replay.ts";
export { type Phase, type ReplayState, replayState } from "./replay/replay-state.ts";
export { type Difference, verifyViews } from "./replay/verify.ts";
export type {
  EventStore,
  LoadOptions,
  LoggedEvent,
  LogPosition,
  StoredCommand,
  UnitOfWork,
} from "./store/event-store.ts";
export { emptyUnit } from "./store/event-store.ts";
export { keepUp } from "./store/keep-up.ts";
export { InMemoryEventStore } from "./store/memory/in-memory-event-store.ts";
export { PostgresConnections } from "./store/postgres/connections.ts";
export { isLater } from "./store/postgres/log.ts";
export type { WhichEvents } from "./store/postgres/logged-events.ts";
export { PostgresEventStore } from "./store/postgres/postgres-event-store.ts";
export { PublishedLog } from "./store/postgres/published-log.ts";
export { type RecordedEvent, RecordedLog } from "./store/postgres/recorded-log.ts";
export { oneRow, rows } from "./store/postgres/rows.ts";
export { eventStoreSchema, isEventStoreOfThisBuild } from "./store/postgres/schema.ts";
export { isLockTimeout } from "./store/postgres/store-error.ts";
export { typeParsers } from "./store/postgres/type-parsers.ts";
export { dueProjectors, forgetView, liveViews, viewStates } from "./store/postgres/view-states.ts";
export { Bell } from "./subscriptions/bell.ts";
export type { SubscriptionLog } from "./subscriptions/log.ts";
export {
  forgetSubscription,
  pauseSubscription,
  resetSubscription,
  resumeSubscription,
  retryParked,
  skipParked,
} from "./subscriptions/postgres/change-subscriptions.ts";
export { subscriptionsSchema } from "./subscriptions/postgres/schema.ts";
export { type SubscriptionState, subscriptionStates } from "./subscriptions/postgres/subscription-states.ts";
export { subscriptionsOn } from "./subscriptions/postgres/subscriptions-on.ts";
export type { Subscriptions, WhichSubscriptions } from "./subscriptions/subscriptions.ts";
