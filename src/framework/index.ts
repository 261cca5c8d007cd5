export { AggregateRepository, VersionConflict, WrongAggregateType } from "./aggregate-repository.ts";
export {
  type AggregateClass,
  AggregateRoot,
  type BaseAggregate,
  ChangeNotDeclared,
  ChangeNotRemembered,
  HandlerDecided,
  type UniqueKeys,
} from "./aggregate-root.ts";
export { append } from "./aggregate-state.ts";
export {
  type Attribute,
  type Attributes,
  type Errors,
  type Json,
  type JsonObject,
  NotStorable,
  type Rule,
  Unacceptable,
  type ValuesOf,
} from "./attribute.ts";
export {
  boolean,
  type CalendarDate,
  calendarDate,
  date,
  decimal,
  email,
  integer,
  isUuid,
  list,
  oneOf,
  optional,
  string,
  text,
  time,
  uuid,
} from "./attributes.ts";
export {
  BaseCommand,
  type Cause,
  Command,
  type CommandClass,
  type CommandEnvelope,
  CommandNotValid,
} from "./command.ts";
export { CommandHandler, type CommandHandlerClass } from "./command-handler.ts";
export {
  type CommandFilter,
  CommandIdReused,
  type CommandMiddleware,
  type CommandResult,
  CommandService,
  type CommandServiceOptions,
} from "./command-service.ts";
export { describeError, errorText, messageOf, serverMessage } from "./describe-error.ts";
export { type Domain, type DomainModule, domainOf, type ErasureDeclaration } from "./domain-module.ts";
export {
  BaseEvent,
  Event,
  type EventClass,
  EventNotListed,
  EventNotReadable,
  EventTypes,
  UnknownEventType,
  type Upcast,
} from "./event.ts";
export {
  AggregateAlreadyExists,
  AggregateKeyNotUnique,
  AggregateNotFound,
  CommandAlreadyStored,
  ConcurrentChange,
  SequenceGap,
  StoreUnavailable,
  ViewNotLive,
  ViewsNotCurrent,
} from "./event-store/errors.ts";
export type {
  EventStore,
  EventStream,
  LoadOptions,
  LogEntry,
  LogPosition,
  StoredCommand,
  StoredSnapshot,
  StoreTransaction,
  UnitOfWork,
} from "./event-store/event-store.ts";
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
export { WorkNotAwaited } from "./handler-gate.ts";
export { newId } from "./ids.ts";
export { type KeepingUp, keepUp } from "./keep-up.ts";
export {
  type Erasure,
  ErasureNotAllowed,
  PersonalErasure,
  recordedErasures,
  vacuum,
} from "./maintenance/personal-erasure.ts";
export { type Search, searchEveryTable } from "./maintenance/search-every-table.ts";
export { type Backfill, UniqueKeyBackfill } from "./maintenance/unique-key-backfill.ts";
export { EditConflict, merge } from "./merge.ts";
export { on } from "./message-handler.ts";
export { NotWired } from "./not-wired.ts";
export type { Persistor } from "./persistor/persistor.ts";
export {
  type ChangesOf,
  column,
  increment,
  type NewRowOf,
  nullable,
  type RowOf,
  type Table,
  table,
} from "./persistor/table.ts";
export { erased, personal } from "./personal.ts";
export {
  BaseProjector,
  Projector,
  type ProjectorClass,
  ProjectorFailed,
  TableNotManaged,
} from "./projector.ts";
export {
  buildViews,
  dueProjectors,
  type ViewBuilding,
  type ViewState,
  viewStates,
} from "./replay/build-views.ts";
export {
  DatabaseLost,
  isConnectionLost,
  ReplayLost,
  ReplayNotPossible,
  ReplayUnderWay,
} from "./replay/errors.ts";
export { isWorkedOn, replayState } from "./replay/ownership.ts";
export type { ReplayPlan } from "./replay/prepare.ts";
export { type OnReplayProgress, Replay, type ReplayOptions } from "./replay/replay.ts";
export { type Phase, phases, type ReplayPart, type ReplayState } from "./replay/replay-state.ts";
export { type PartRun, runPart } from "./replay/run-part.ts";
export { type Difference, verifyViews } from "./replay/verify.ts";
export { atLeast, atMost, matches, maxBytes, maxLength, minLength, notBlank, visible } from "./rules.ts";
export type { Snapshots } from "./snapshot.ts";
export { SnapshotNotComplete, SnapshotTaker, takeSnapshot } from "./snapshot-taker.ts";
export { NoCommandHandler } from "./unit-of-work-run.ts";
export { object, ValueObject } from "./value-object.ts";
export { checkWiring, eventsNobodyTakes, type Wiring, wiringProblems } from "./wiring.ts";
export { Workflow, type WorkflowClass } from "./workflow.ts";
