import type { Request, Response } from "express";
import { AggregateKeyNotUnique, CommandNotValid } from "#sequent";
import { CommandIdReused, newId, StoreUnavailable } from "#sequent/operations";
import { wantsProblem } from "./problem.ts";
import { noteRejection } from "./request-log.ts";

/** A form as a template shows it. */
export interface Form {
  readonly status: number;
  /** Made when the form is shown, so that sent twice it has one effect. */
  readonly commandId: string;
  /** The version of what is edited, as its reader saw it. */
  readonly version?: number | undefined;
  readonly values: Readonly<Record<string, string>>;
  /** Messages by field. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
  /** What went wrong and belongs to no field. */
  readonly problem?: string | undefined;
}

/** What a form has, and which of its fields must be unique. */
export interface FormDescription {
  readonly fields: readonly string[];
  /** The field by the scope of the unique key that it becomes. */
  readonly keys?: Readonly<Record<string, string>>;
}

export function newForm(values: Form["values"] = {}, version?: number): Form {
  return { status: 200, commandId: newId(), version, values, errors: {} };
}

/** The form as it was sent, to be shown again with nothing lost. */
export function sentForm(req: Request, { fields }: FormDescription): Form {
  const { commandId, version } = hiddenFields(req);
  return {
    status: 200,
    commandId: commandId === undefined || Array.isArray(commandId) ? newId() : String(commandId),
    version: version === undefined ? undefined : (versionOf(version) ?? nothingSeen),
    values: Object.fromEntries(fields.map((name) => [name, typedText(fieldOf(req, name))])),
    errors: {},
  };
}

/**
 * The form again, with what is wrong with it and the status to send it with. An error that is not about the form
 * is thrown again, and so is any for a program that asks for errors as data.
 */
export function refusedForm(req: Request, error: unknown, description: FormDescription): Form {
  if (wantsProblem(req)) throw error;
  if (req.res) noteRejection(req.res, error);
  const form = sentForm(req, description);
  if (error instanceof CommandNotValid) {
    const { commandId, version, ...errors } = error.errors;
    if (commandId) return { ...form, status: 422, commandId: newId(), errors, problem: notReadable };
    return { ...form, status: 422, errors, problem: version && notReadable };
  }
  const field = error instanceof AggregateKeyNotUnique ? description.keys?.[error.scope] : undefined;
  if (field) return { ...form, status: 422, errors: { [field]: [taken] } };
  if (error instanceof CommandIdReused)
    return { ...form, status: 409, commandId: newId(), problem: sentBefore };
  if (error instanceof StoreUnavailable) return { ...form, status: 503, problem: unknownOutcome(req) };
  throw error;
}

/** What to say about a form that the blog could not finish. A form is stored only once if it has a command id. */
export function unknownOutcome(req: Request): string {
  const unknown = "It is not known whether what you sent was stored.";
  return hiddenFields(req).commandId === undefined
    ? `${unknown} Look for it before you send it again.`
    : `${unknown} Sending it again is safe: it is stored only once.`;
}

/** The response that shows a form again. */
export function showing(res: Response, { status }: Form): Response {
  if (status === 503) res.set("Retry-After", "5");
  if (status !== 200) res.set("Cache-Control", "no-store");
  return res.status(status);
}

/** The hidden fields of a form, for its command, which checks them. Both may be missing. */
export function envelopeOf(req: Request): {
  commandId: string | undefined;
  seenVersion: number | undefined;
} {
  const { commandId, version } = hiddenFields(req);
  const seenVersion = versionOf(version);
  if (version !== undefined && seenVersion === undefined)
    throw new CommandNotValid("form", { version: ["is not a version"] }, {});
  return { commandId: commandId as string | undefined, seenVersion };
}

/** The value of a field: a text, a list if it was sent more than once, or undefined. */
export function fieldOf({ body }: Request, name: string): unknown {
  return typeof body === "object" && body !== null && Object.hasOwn(body, name) ? body[name] : undefined;
}

/** The values of a form's fields as texts. A value that was left out is an empty text. */
export function textsOf(values: object, { fields }: FormDescription): Record<string, string> {
  const byName = new Map<string, unknown>(Object.entries(values));
  return Object.fromEntries(fields.map((name) => [name, String(byName.get(name) ?? "")]));
}

/** What a form carries beside what is typed: never shown to a person, but sent again with the rest. */
export const hiddenNames: readonly string[] = ["commandId", "version", "intent"];

const taken = "is already registered, please choose another";
const notReadable = "The form did not arrive as we sent it to you. Please look it over and send it again.";
const sentBefore =
  "You sent this form before, with other values or with another button, and that is stored. To store this as well, send it again.";

/** A version before the first, so that a form without a version overwrites nothing. */
const nothingSeen = 0;

function hiddenFields(req: Request): { commandId: unknown; version: unknown } {
  return { commandId: fieldOf(req, "commandId") || undefined, version: fieldOf(req, "version") || undefined };
}

function versionOf(version: unknown): number | undefined {
  return typeof version === "string" && /^\d{1,9}$/.test(version) ? Number(version) : undefined;
}

function typedText(value: unknown): string {
  const [first] = Array.isArray(value) ? value : [value];
  return typeof first === "string" ? first : "";
}
