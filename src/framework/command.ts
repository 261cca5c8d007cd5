import { isDeepStrictEqual } from "node:util";
import {
  type Attribute,
  type Attributes,
  detailsOf,
  type JsonObject,
  NotStorable,
  type ValuesOf,
} from "./attribute.ts";
import { integer, string, time, uuid } from "./attributes.ts";
import { type Clock, machineClock } from "./clock.ts";
import { type Detail, type Details, detailOf, type Errors, messagesIn } from "./error-messages.ts";
import { declaredFields } from "./form-fields.ts";
import { derivedId, newId } from "./ids.ts";
import { assignValues } from "./message.ts";
import { MessagePattern } from "./message-pattern.ts";
import { frozenMetadata, type Metadata, metadataToJson } from "./metadata.ts";
import { parseAttributes } from "./parsing.ts";
import { type Reference, referencesIn } from "./references.ts";
import { type NoneReserved, refuseReservedNames } from "./reserved-names.ts";
import { hiddenSecrets, sealSecrets, secretNames, withoutSecrets } from "./secret.ts";
import { attributesToJson } from "./serialization.ts";
import { brokenRules } from "./validation.ts";

/** What every command carries beside its attributes. */
export interface CommandEnvelope {
  /** A command that is sent twice with one id has one effect. */
  readonly commandId?: string | undefined;
  /** The aggregate that it changes. Only a `CreationCommand` may leave it out. */
  readonly aggregateId?: string | undefined;
  readonly userId?: string | undefined;
  /** The version of the aggregate that the user saw. If it has another one, this is a `VersionConflict`. */
  readonly expectedVersion?: number | undefined;
  readonly createdAt?: Date | undefined;
  /** How the command came about. A command of a workflow takes over that of the command before it. */
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
  readonly userId?: string;
  readonly expectedVersion?: number;
  #createdAt: Date | undefined;
  #metadata: Metadata | undefined;
  #isChecked = false;

  constructor(envelope: CommandEnvelope) {
    this.commandId = envelope.commandId ?? newId();
    this.aggregateId = envelope.aggregateId ?? newAggregateId(this);
    if (envelope.userId !== undefined) this.userId = envelope.userId;
    if (envelope.expectedVersion !== undefined) this.expectedVersion = envelope.expectedVersion;
    this.#createdAt = envelope.createdAt;
    if (envelope.metadata !== undefined) this.#metadata = frozenMetadata(envelope.metadata);
  }

  /** Whether it has passed its rules. It is frozen, so nobody checks it again. */
  static isChecked(command: BaseCommand): boolean {
    return command.#isChecked;
  }

  static noteChecked(command: BaseCommand): void {
    command.#isChecked = true;
  }

  /** When the user asked. If the command does not say so, the clock of the command service does. */
  get createdAt(): Date {
    this.dateBy(machineClock);
    return this.#createdAt as Date;
  }

  dateBy(clock: Clock): void {
    this.#createdAt ??= clock();
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

  toJson(): JsonObject {
    return attributesToJson(this.class.attributes, this as Record<string, unknown>);
  }

  /** True if both ask for the same, whoever sent them and whenever. */
  asksTheSameAs(other: { type: string; aggregateId: string; payload: JsonObject }): boolean {
    return (
      this.aggregateId === other.aggregateId &&
      this.class.type === other.type &&
      isDeepStrictEqual(this.toJson(), other.payload)
    );
  }
}

/** What is declared of a command, beside the types of its values. */
interface CommandDeclaration {
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

/** The id follows from the command id: a command that is sent twice makes one aggregate. */
function newAggregateId({ class: { type, isCreation }, commandId }: BaseCommand): string {
  if (isCreation) return derivedId(commandId);
  throw new TypeError(
    `${type} needs the aggregateId of the aggregate that it is for. If it makes a new one, declare it with CreationCommand("${type}", …).`,
  );
}

type ReservedName = keyof CommandEnvelope | keyof BaseCommand;

const reservedNames: Readonly<Record<ReservedName, true>> = {
  commandId: true,
  aggregateId: true,
  userId: true,
  expectedVersion: true,
  createdAt: true,
  metadata: true,
  class: true,
  dateBy: true,
  inheritMetadata: true,
  toJson: true,
  asksTheSameAs: true,
};

interface DeclaredClass<A extends Attributes, Envelope extends CommandEnvelope> extends CommandDeclaration {
  new (values: ValuesOf<A> & Envelope): BaseCommand & ValuesOf<A>;
  readonly attributes: A;
  /** In a spec, any command of this class that has these values: `AddPost.like({ title: "Hello" })`. */
  like<C extends BaseCommand>(
    this: new (
      values: never,
    ) => C,
    values?: Partial<ValuesOf<A> & CommandEnvelope>,
  ): MessagePattern<C>;
}

export interface DeclaredCommandClass<A extends Attributes> extends DeclaredClass<A, EnvelopeForAggregate> {
  /**
   * Makes the command from a form: parses and checks the declared fields, and ignores all others.
   * `known` has the values that the person did not type (ids from the path, the user). They replace fields of the same name.
   * Throws `CommandNotValid`.
   */
  fromParams<C extends BaseCommand>(
    this: new (
      values: never,
    ) => C,
    params: unknown,
    known: Partial<ValuesOf<A>> & EnvelopeForAggregate,
  ): Promise<C>;
}

export interface DeclaredCreationClass<A extends Attributes> extends DeclaredClass<A, CommandEnvelope> {
  /** As that of `Command`, but `aggregateId` may be left out. */
  fromParams<C extends BaseCommand>(
    this: new (
      values: never,
    ) => C,
    params: unknown,
    known?: Partial<ValuesOf<A>> & CommandEnvelope,
  ): Promise<C>;
}

/**
 * The values of a command break a rule. `errors` has the messages by field, and `params` what was typed, without secrets.
 * Answer with 422 and the form. `details` has a code for each message, for programs and other languages: see `messagesIn`.
 */
export class CommandNotValid extends Error {
  readonly commandType: string;
  readonly errors: Errors;
  readonly details: Details;
  readonly params: Readonly<Record<string, unknown>>;

  constructor(
    commandType: string,
    reasons: Readonly<Record<string, readonly (string | Detail)[]>>,
    params: Record<string, unknown>,
  ) {
    const entries = Object.entries(reasons).map(([path, each]) => [path, each.map(detailOf)] as const);
    const details = Object.fromEntries(entries);
    const errors = messagesIn(details);
    const fields = Object.entries(errors).map(([path, messages]) => `${path} ${messages.join(" and ")}`);
    super(`${commandType} is not valid: ${fields.join("; ")}.`);
    this.commandType = commandType;
    this.errors = errors;
    this.details = details;
    this.params = params;
  }
}

/**
 * Declares a command that changes an aggregate: its name in the database, its attributes and their rules.
 *
 *     class EditPost extends Command("EditPost", { title: string(notBlank), content: text(notBlank) }) {}
 */
export function Command<const A extends Attributes = Record<never, never>>(
  type: string,
  attributes: NoneReserved<A, ReservedName, "a command"> = {} as NoneReserved<A, ReservedName, "a command">,
): DeclaredCommandClass<A> {
  return declared(type, attributes as Attributes, false) as unknown as DeclaredCommandClass<A>;
}

/**
 * Declares a command that makes an aggregate. It needs no `aggregateId`: it derives the new id from its own id.
 *
 *     class AddPost extends CreationCommand("AddPost", { title: string(notBlank), content: text(notBlank) }) {}
 */
export function CreationCommand<const A extends Attributes = Record<never, never>>(
  type: string,
  attributes: NoneReserved<A, ReservedName, "a command"> = {} as NoneReserved<A, ReservedName, "a command">,
): DeclaredCreationClass<A> {
  return declared(type, attributes as Attributes, true) as unknown as DeclaredCreationClass<A>;
}

function declared(type: string, attributes: Attributes, isCreation: boolean) {
  refuseReservedNames(attributes, "a command", reservedNames);
  const secrets = secretNames(attributes);
  return class DeclaredCommand extends BaseCommand {
    static readonly type = type;
    static readonly attributes = attributes;
    static readonly isCreation = isCreation;
    static readonly references: readonly Reference[] = referencesIn(attributes);
    static readonly secrets: readonly string[] = secrets;

    constructor(values: CommandEnvelope) {
      super(values);
      assignValues(this, attributes, secrets.length === 0 ? values : hiddenSecrets(values, secrets));
    }

    static async fromParams(params: unknown, known: Record<string, unknown> = {}): Promise<BaseCommand> {
      const typed = typeof params === "object" && params !== null ? (params as Record<string, unknown>) : {};
      // biome-ignore lint/complexity/noThisInStatic: the class that extends this declaration
      return check(this, { ...declaredFields(typed, attributes), ...known }, typed);
    }

    static like(values: object = {}): MessagePattern {
      // biome-ignore lint/complexity/noThisInStatic: the class that extends this declaration
      return new MessagePattern(this, values);
    }
  };
}

/** Checks a command. One that was made with `new` comes back with normalised values. Throws `CommandNotValid`. */
export async function checkCommand(command: BaseCommand): Promise<BaseCommand> {
  if (BaseCommand.isChecked(command)) return command;
  const values = command as unknown as Record<string, unknown>;
  return check(command.class, values, values);
}

async function check(
  commandClass: CommandClass,
  input: Record<string, unknown>,
  typed: Record<string, unknown>,
): Promise<BaseCommand> {
  const { attributes, type, secrets } = commandClass;
  const parts = parseAttributes(attributes, input);
  const details = await brokenRules(attributes, parts);
  Object.assign(details, detailsOf(parts), envelopeErrors(input));
  if (Object.keys(details).length > 0)
    throw new CommandNotValid(type, details, withoutSecrets(typed, secrets));
  const values = Object.assign(parts, envelopeOf(input));
  if (secrets.length > 0) await sealSecrets(values, secrets);
  const command = new (commandClass as unknown as new (values: object) => BaseCommand)(values);
  BaseCommand.noteChecked(command);
  return command;
}

/** These values do not come from a form, so they are not normalised. They can be stored, or they are refused. */
const envelope = Object.entries<Pick<Attribute<unknown>, "toJson">>({
  commandId: uuid(),
  aggregateId: uuid(),
  userId: string(),
  expectedVersion: integer(),
  createdAt: time(),
  metadata: { toJson: metadataToJson },
});

function envelopeErrors(input: Record<string, unknown>): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const [name, attribute] of envelope) {
    try {
      if (input[name] !== undefined) attribute.toJson(input[name]);
    } catch (error) {
      if (!(error instanceof NotStorable)) throw error;
      errors[name] = [`is ${error.why}`];
    }
  }
  return errors;
}

function envelopeOf(input: CommandEnvelope): CommandEnvelope {
  const { commandId, aggregateId, userId, expectedVersion, createdAt, metadata } = input;
  return { commandId, aggregateId, userId, expectedVersion, createdAt, metadata };
}
