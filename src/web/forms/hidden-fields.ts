import type { Request } from "express";
import { CommandNotValid } from "#sequent";
import { newId } from "#sequent/operations";
import { requestIdOf } from "../logging/request-log.ts";
import { visitorOf } from "../visitor.ts";

/** The message after a form that the blog could not finish. A form with a command id is stored only once. */
export function unknownOutcome(req: Request<unknown>): string {
  const unknown = "It is not known whether what you sent was stored.";
  return hiddenFields(req).commandId === undefined
    ? `${unknown} Look for it before you send it again.`
    : `${unknown} Sending it again is safe: it is stored only once.`;
}

/** The envelope of a command from a form: its hidden fields, which may be missing, the person who sent it, and the id of the request. */
export function envelopeOf(req: Request<unknown>): {
  commandId: string | undefined;
  seenVersion: number | undefined;
  userId: string | undefined;
  metadata: { requestId: string };
} {
  const { commandId, seenVersion: sent } = hiddenFields(req);
  const seenVersion = versionOf(sent);
  if (sent !== undefined && seenVersion === undefined)
    throw new CommandNotValid("form", { seenVersion: ["is not a version"] }, {});
  const metadata = { requestId: requestIdOf(req.res) };
  const userId = visitorOf(req)?.id;
  return {
    commandId: commandId === undefined ? undefined : String(commandId),
    seenVersion,
    userId,
    metadata,
  };
}

/** The value of a field: a text, a list if it was sent more than once, or undefined. */
export function fieldOf({ body }: Request<unknown>, name: string): unknown {
  return typeof body === "object" && body !== null && Object.hasOwn(body, name) ? body[name] : undefined;
}

/** The names of the hidden fields of a form. */
export const hiddenNames: readonly string[] = ["commandId", "seenVersion", "intent"];

/** The hidden fields of a form, to show it again. */
export function sentAgain(req: Request<unknown>): { commandId: string; seenVersion: number | undefined } {
  const { commandId, seenVersion } = hiddenFields(req);
  return {
    commandId: commandId === undefined || Array.isArray(commandId) ? newId() : String(commandId),
    seenVersion: seenVersion === undefined ? undefined : (versionOf(seenVersion) ?? nothingSeen),
  };
}

/** A version before the first one, so a form without a version overwrites nothing. */
const nothingSeen = 0;

function hiddenFields(req: Request<unknown>): { commandId: unknown; seenVersion: unknown } {
  const sent = (name: string) => fieldOf(req, name) || undefined;
  return { commandId: sent("commandId"), seenVersion: sent("seenVersion") };
}

function versionOf(version: unknown): number | undefined {
  return typeof version === "string" && /^\d{1,9}$/.test(version) ? Number(version) : undefined;
}
