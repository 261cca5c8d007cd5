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
export {
  BaseEvent,
  Event,
  type EventClass,
  EventNotReadable,
  EventTypes,
  UnknownEventType,
  type Upcast,
} from "./event.ts";
export { newId } from "./ids.ts";
export { atLeast, atMost, matches, maxBytes, maxLength, minLength, notBlank, visible } from "./rules.ts";
export { object, ValueObject } from "./value-object.ts";
