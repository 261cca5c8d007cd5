import { isDeepStrictEqual } from "node:util";
import type { Attributes, JsonObject } from "../attributes/attribute.ts";
import { derivedId, newId } from "../attributes/ids.ts";
import type { Reference } from "../attributes/references.ts";
import { attributesToJson } from "../attributes/serialization.ts";
import { type Clock, machineClock } from "./clock.ts";
import { type ClassOf, instanceOf } from "./message.ts";
import { frozenMetadata, type Metadata } from "./metadata.ts";

/** The values that every command has in addition to its attributes. */
export interface CommandEnvelope {
  /** A command that is sent twice with one id has one effect. */
  readonly commandId?: string | undefined;
  /** The aggregate that it changes. Only a `CreationCommand` may leave it out. */
  readonly aggregateId?: string | undefined;
  /** Who asks: the account of a person, or a program or workflow of ours. */
  readonly userId?: string | undefined;
  /**
   * The version of the aggregate that the user saw. If the aggregate has changed since, it merges both changes, or the command
   * fails with `VersionConflict`.
   */
  readonly seenVersion?: number | undefined;
  readonly createdAt?: Date | undefined;
  /** Notes about how the command came about. A command of a workflow takes over those of the command before it. */
  readonly metadata?: Metadata | undefined;
}

/** The same for a command that changes an aggregate. */
export interface EnvelopeForAggregate extends CommandEnvelope {
  readonly aggregateId: string;
}

/** The event that made a workflow run a command. */
export interface Cause {
  readonly aggregateId: string;
  readonly sequenceNumber: number;
}

export abstract class BaseCommand {
  readonly commandId: string;
  readonly aggregateId: string;
  readonly seenVersion?: number;
  #userId: string | undefined;
  #createdAt: Date | undefined;
  #metadata: Metadata | undefined;
  readonly #isChecked: boolean;
  readonly #hasOwnId: boolean;
  readonly #makesAggregateId: boolean;

  constructor(envelope: CommandEnvelope) {
    this.#isChecked = envelope instanceof CheckedValues;
    this.#hasOwnId = envelope.commandId !== undefined;
    this.#makesAggregateId = envelope.aggregateId === undefined;
    this.commandId = envelope.commandId ?? newId();
    this.aggregateId = envelope.aggregateId ?? newAggregateId(this);
    if (envelope.seenVersion !== undefined) this.seenVersion = envelope.seenVersion;
    this.#userId = envelope.userId;
    this.#createdAt = envelope.createdAt;
    if (envelope.metadata !== undefined) this.#metadata = frozenMetadata(envelope.metadata);
  }

  /** True if it has passed its rules. It is frozen, so nobody checks it again. */
  static isChecked(command: BaseCommand): boolean {
    return command.#isChecked;
  }

  /** The same command with this id, unless it was given one. The id of an aggregate that it makes follows from it. */
  static withId(command: BaseCommand, commandId: string): BaseCommand {
    if (command.#hasOwnId) return command;
    const { class: commandClass, aggregateId, userId, metadata } = command;
    const values = command.#isChecked ? new CheckedValues() : {};
    Object.assign(values, command, { commandId, userId, metadata, createdAt: command.#createdAt });
    return instanceOf(
      commandClass as ClassOf<BaseCommand>,
      Object.assign(values, { aggregateId: command.#makesAggregateId ? undefined : aggregateId }),
    );
  }

  get userId(): string | undefined {
    return this.#userId;
  }

  /** Keeps its own user if it has one. */
  inheritUser(userId: string): void {
    this.#userId ??= userId;
  }

  /** When the user asked. If the command does not say so, the clock of the command service does. */
  get createdAt(): Date {
    return this.dateBy(machineClock);
  }

  dateBy(clock: Clock): Date {
    this.#createdAt ??= clock();
    return this.#createdAt;
  }

  get metadata(): Metadata | undefined {
    return this.#metadata;
  }

  /** Keeps its own metadata if it has some. */
  inheritMetadata(metadata: Metadata | undefined): void {
    this.#metadata ??= metadata;
  }

  get class(): CommandClass {
    return this.constructor as CommandClass;
  }

  /** The version that the user saw is a part of the request. So it is stored with the attributes. */
  toJson(): JsonObject {
    const json = attributesToJson(this.class.attributes, this);
    return this.seenVersion === undefined ? json : { ...json, seenVersion: this.seenVersion };
  }

  /** True if both ask for the same, no matter when. Another user asks for something else, and must not get the answer. */
  asksTheSameAs(other: {
    type: string;
    aggregateId: string;
    userId: string | undefined;
    payload: JsonObject;
  }): boolean {
    return (
      this.userId === other.userId &&
      this.aggregateId === other.aggregateId &&
      this.class.type === other.type &&
      isDeepStrictEqual(this.toJson(), other.payload)
    );
  }
}

/** Values that have passed their rules. A command that is made from them is not checked again. */
export class CheckedValues {}

/** The declaration of a command, without the types of its values. */
export interface CommandDeclaration {
  readonly type: string;
  readonly attributes: Attributes;
  /** True if it makes a new aggregate: see `CreationCommand`. */
  readonly isCreation: boolean;
  /** The other aggregates that it names, which must exist. */
  readonly references: readonly Reference[];
  /** The attributes that are sealed before the command is handled. */
  readonly secrets: readonly string[];
}

export interface CommandClass<C extends BaseCommand = BaseCommand> extends CommandDeclaration {
  new (values: never): C;
}

/** The id is derived from the command id, so a command that is sent twice makes only one aggregate. */
function newAggregateId({ class: { type, isCreation }, commandId }: BaseCommand): string {
  if (isCreation) return derivedId(commandId);
  throw new TypeError(
    `${type} needs an aggregateId: which aggregate does it change? If it makes a new one, declare it with CreationCommand("${type}", …).`,
  );
}
