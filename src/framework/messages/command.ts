import type { Attributes, ValuesOf } from "../attributes/attribute.ts";
import { declaredFields } from "../attributes/form-fields.ts";
import { isObject } from "../attributes/parsing.ts";
import { referencesIn } from "../attributes/references.ts";
import { type NoneReserved, refuseReservedNames } from "../attributes/reserved-names.ts";
import { hiddenSecrets, secretNames } from "../attributes/secret.ts";
import {
  BaseCommand,
  CheckedValues,
  type CommandDeclaration,
  type CommandEnvelope,
  type EnvelopeForAggregate,
} from "./base-command.ts";
import { check } from "./check-command.ts";
import { assignValues, type ClassOf, type Given, like } from "./message.ts";

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
  inheritUser: true,
  toJson: true,
  asksTheSameAs: true,
};

interface DeclaredCommandClass<A extends Attributes, Envelope extends CommandEnvelope>
  extends CommandDeclaration {
  new (values: ValuesOf<A> & Envelope): BaseCommand & ValuesOf<A>;
  readonly attributes: A;
  /** In a spec, any command of this class that has these values: `AddPost.like({ title: "Hello" })`. */
  readonly like: typeof like;
  /**
   * Makes the command from a form: parses and checks the declared fields, and ignores all others.
   * `known` has the values that the person did not type (ids from the path, the user). They replace fields of the same name.
   * Throws `CommandNotValid`.
   */
  fromParams<C extends BaseCommand>(
    this: ClassOf<C>,
    params: unknown,
    ...known: Given<Partial<ValuesOf<A>> & Envelope>
  ): Promise<C>;
}

/**
 * Declares a command that changes an aggregate: its name in the database, its attributes and their rules.
 *
 *     class EditPost extends Command("EditPost", { title: string(notBlank), content: text(notBlank) }) {}
 */
export function Command<const A extends Attributes = Record<never, never>>(
  type: string,
  attributes?: NoneReserved<A, ReservedName, "a command">,
): DeclaredCommandClass<A, EnvelopeForAggregate> {
  return declared(type, attributes, false);
}

/**
 * Declares a command that makes an aggregate. It needs no `aggregateId`: it derives the new id from its own id.
 *
 *     class AddPost extends CreationCommand("AddPost", { title: string(notBlank), content: text(notBlank) }) {}
 */
export function CreationCommand<const A extends Attributes = Record<never, never>>(
  type: string,
  attributes?: NoneReserved<A, ReservedName, "a command">,
): DeclaredCommandClass<A, CommandEnvelope> {
  return declared(type, attributes, true);
}

function declared<A extends Attributes, Envelope extends CommandEnvelope>(
  type: string,
  attributes: Attributes = {},
  isCreation: boolean,
): DeclaredCommandClass<A, Envelope> {
  refuseReservedNames(attributes, "a command", reservedNames);
  const secrets = secretNames(attributes);
  class DeclaredCommand extends BaseCommand {
    static readonly type = type;
    static readonly attributes = attributes;
    static readonly isCreation = isCreation;
    static readonly references = referencesIn(attributes);
    static readonly secrets = secrets;
    static readonly like = like;

    constructor(values: CommandEnvelope) {
      super(values);
      const isPublic = secrets.length === 0 || values instanceof CheckedValues;
      assignValues(this, attributes, isPublic ? values : hiddenSecrets(values, secrets));
    }

    static async fromParams(params: unknown, known: object = {}): Promise<BaseCommand> {
      const typed = isObject(params) ? params : {};
      // biome-ignore lint/complexity/noThisInStatic: the class that extends this declaration
      return check(this, { ...declaredFields(typed, attributes), ...known }, typed);
    }
  }
  return DeclaredCommand as unknown as DeclaredCommandClass<A, Envelope>;
}
