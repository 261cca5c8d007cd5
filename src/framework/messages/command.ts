import type { Attributes, ValuesOf } from "../attributes/attribute.ts";
import { declaredFields } from "../attributes/form-fields.ts";
import { type Reference, referencesIn } from "../attributes/references.ts";
import { type NoneReserved, refuseReservedNames } from "../attributes/reserved-names.ts";
import { hiddenSecrets, secretNames } from "../attributes/secret.ts";
import {
  BaseCommand,
  type CommandDeclaration,
  type CommandEnvelope,
  type EnvelopeForAggregate,
} from "./base-command.ts";
import { check } from "./check-command.ts";
import { assignValues } from "./message.ts";
import { MessagePattern } from "./message-pattern.ts";

type ReservedName = keyof CommandEnvelope | keyof BaseCommand;

const reservedNames: Readonly<Record<ReservedName, true>> = {
  commandId: true,
  aggregateId: true,
  userId: true,
  seenVersion: true,
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
