import { type Attribute, NotStorable } from "../attributes/attribute.ts";
import { time } from "../attributes/dates.ts";
import { integer } from "../attributes/numbers.ts";
import { Parsing } from "../attributes/parsing.ts";
import { sealSecrets, withoutSecrets } from "../attributes/secret.ts";
import { fieldsOf } from "../attributes/serialization.ts";
import { string, uuid } from "../attributes/texts.ts";
import { type Detail, type Details, detailOf, type Errors, messagesIn } from "../errors/error-messages.ts";
import { BaseCommand, CheckedValues, type CommandClass, type CommandEnvelope } from "./base-command.ts";
import { instanceOf } from "./message.ts";
import { metadataToJson } from "./metadata.ts";

/** Checks a command. One that was made with `new` comes back with normalised values. Throws `CommandNotValid`. */
export async function checkCommand(command: BaseCommand): Promise<BaseCommand> {
  if (BaseCommand.isChecked(command)) return command;
  return check(command.class, command, command);
}

/** Makes the command from the input, if the input passes the rules. `typed` is shown again after an error. */
export async function check(commandClass: CommandClass, input: object, typed: object): Promise<BaseCommand> {
  const { attributes, type, secrets } = commandClass;
  const parsing = new Parsing(attributes, input);
  const details = { ...(await parsing.errors()), ...envelopeErrors(input) };
  if (Object.keys(details).length > 0)
    throw new CommandNotValid(type, details, withoutSecrets(typed, secrets));
  const values = Object.assign(new CheckedValues(), parsing.values, envelopeOf(input));
  await sealSecrets(fieldsOf(values), secrets);
  return instanceOf(commandClass, values);
}

/** These values do not come from a form, so they are not normalised. If they cannot be stored, they are refused. */
const envelope: Readonly<Record<string, Pick<Attribute<unknown>, "toJson">>> = {
  commandId: uuid(),
  aggregateId: uuid(),
  userId: string(),
  seenVersion: integer(),
  createdAt: time(),
  metadata: { toJson: metadataToJson },
};

function envelopeErrors(input: CommandEnvelope): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(envelopeOf(input))) {
    try {
      if (value !== undefined) envelope[name]?.toJson(value);
    } catch (error) {
      if (!(error instanceof NotStorable)) throw error;
      errors[name] = [`is ${error.why}`];
    }
  }
  return errors;
}

function envelopeOf(input: CommandEnvelope): CommandEnvelope {
  const { commandId, aggregateId, userId, seenVersion, createdAt, metadata } = input;
  return { commandId, aggregateId, userId, seenVersion, createdAt, metadata };
}

/**
 * The values of a command break a rule. `errors` has the messages by field. `params` has the typed texts, without secrets.
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
    params: object,
  ) {
    const entries = Object.entries(reasons).map(([path, each]) => [path, each.map(detailOf)] as const);
    const details = Object.fromEntries(entries);
    const errors = messagesIn(details);
    const fields = Object.entries(errors).map(([path, messages]) => `${path} ${messages.join(" and ")}`);
    super(`${commandType} is not valid: ${fields.join("; ")}.`);
    this.commandType = commandType;
    this.errors = errors;
    this.details = details;
    this.params = fieldsOf(params);
  }
}
