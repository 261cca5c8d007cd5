/** What a program needs that runs a domain: stores, replay, maintenance. Import it as `#sequent/operations`. */
export { AggregateReader, type StateValues } from "./aggregate-reader.ts";
export { AggregateRepository, WrongAggregateType } from "./aggregate-repository.ts";
export {
  type BaseAggregate,
  ChangeNotDeclared,
  ChangeNotRemembered,
  HandlerDecided,
  HandlerThrew,
} from "./aggregate-root.ts";
export {
  type Attributes,
  type Json,
  type JsonObject,
  NotStorable,
  Unacceptable,
  type ValuesOf,
} from "./attribute.ts";
export { isUuid } from "./attributes.ts";
export type { Cause, CommandEnvelope } from "./base-command.ts";
export type { Clock } from "./clock.ts";
export {
  type CommandFilter,
  CommandIdReused,
  type CommandMiddleware,
  type CommandResult,
  CommandService,
  type CommandServiceOptions,
  FilterReturnedFalse,
} from "./command-service.ts";
export {
  describeError,
  type ErrorDescription,
  errorText,
  messageOf,
  serverMessage,
  withCauses,
} from "./describe-error.ts";
export { domainOf } from "./domain-module.ts";
export { type Errors, type MessageCode, type Messages, messagesIn } from "./error-messages.ts";
export {
  type EventClass,
  EventNotListed,
  EventNotReadable,
  EventTypes,
  UnknownEventType,
} from "./event.ts";
export {
  AggregateAlreadyExists,
  CommandAlreadyStored,
  ConcurrentChange,
  SequenceGap,
  StoreUnavailable,
  ViewNotLive,
  ViewsNotCurrent,
} from "./event-store/errors.ts";
export type {
  EventStore,
  LoadOptions,
  LogEntry,
  LogPosition,
  StoredCommand,
  UnitOfWork,
} from "./event-store/event-store.ts";
export { emptyUnit } from "./event-store/event-store.ts";
export { InMemoryEventStore } from "./event-store/in-memory/in-memory-event-store.ts";
export { PostgresConnections } from "./event-store/postgres/connections.ts";
export {
  deleteAllSnapshots,
  deleteOutdatedSnapshots,
  takeDueSnapshots,
} from "./event-store/postgres/due-snapshots.ts";
export { forgetView } from "./event-store/postgres/forget-view.ts";
export { PostgresEventStore } from "./event-store/postgres/postgres-event-store.ts";
export { eventStoreSchema, isEventStoreOfThisBuild } from "./event-store/postgres/schema.ts";
export { isLockTimeout } from "./event-store/postgres/store-error.ts";
export { declaredFields } from "./form-fields.ts";
export { WorkNotAwaited } from "./handler-gate.ts";
export { newId } from "./ids.ts";
export { keepUp } from "./keep-up.ts";
export {
  type Erasure,
  ErasureNotAllowed,
  PersonalErasure,
  recordedErasures,
  vacuum,
} from "./maintenance/personal-erasure.ts";
export { type Search, searchEveryTable } from "./maintenance/search-every-table.ts";
export { UniqueKeyBackfill } from "./maintenance/unique-key-backfill.ts";
export { NotWired } from "./not-wired.ts";
export { ValueDoesNotFit } from "./persistor/misfit.ts";
export type { Persistor } from "./persistor/persistor.ts";
export type { NewRowOf, Table } from "./persistor/table.ts";
export { type ProjectorClass, ProjectorFailed, TableNotManaged } from "./projector.ts";
export {
  buildViews,
  dueProjectors,
  type ViewBuilding,
  viewStates,
} from "./replay/build-views.ts";
export { changedTables } from "./replay/changed-tables.ts";
export {
  DatabaseLost,
  isConnectionLost,
  ReplayLost,
  ReplayNotPossible,
  ReplayUnderWay,
} from "./replay/errors.ts";
export { isWorkedOn, replayState } from "./replay/ownership.ts";
export type { ReplayPlan } from "./replay/prepare.ts";
export { Replay } from "./replay/replay.ts";
export { type Phase, phases, type ReplayState } from "./replay/replay-state.ts";
export { type PartRun, runPart } from "./replay/run-part.ts";
export { type Difference, verifyViews } from "./replay/verify.ts";
export { rowNumbersOf } from "./row-numbers.ts";
export type { Snapshots } from "./snapshot.ts";
export { SnapshotNotComplete, SnapshotTaker, takeSnapshot } from "./snapshot-taker.ts";
export { NoCommandHandler } from "./unit-of-work-run.ts";
export { checkWiring, eventsNobodyTakes, type Wiring, wiringProblems } from "./wiring.ts";
export type { WorkflowClass } from "./workflow.ts";
