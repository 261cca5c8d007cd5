import { setImmediate as othersTurn } from "node:timers/promises";
import { type NextFunction, type Request, type RequestHandler, type Response, Router } from "express";
import {
  AggregateClosed,
  AggregateKeyNotUnique,
  AggregateNotFound,
  CommandNotValid,
  DomainError,
  EditConflict,
} from "#sequent";
import { CommandIdReused, type Messages, messagesIn, newId, StoreUnavailable } from "#sequent/operations";
import { mailNotSent, problemOf, wantsProblem } from "../errors/problem.ts";
import type { RequestLog } from "../logging/request-log.ts";
import type { OwnWrites } from "../own-writes.ts";
import type { Flashes } from "../pages/flash.ts";
import { signedIn } from "../visitor.ts";
import { conflictOf } from "./conflict.ts";
import { type FormDescription, fieldOfKey } from "./description.ts";
import type { FormBody } from "./form-body.ts";
import { type FormPage, sentForm, showForm } from "./form-page.ts";
import { unknownOutcome } from "./hidden-fields.ts";
import { changeRows } from "./rows.ts";
import { type About, everyField, shownForm } from "./shown-form.ts";

/** A route that takes a form: parse it, execute a command, redirect. */
export interface Submission<Params = unknown> {
  /** Left out if there is nothing to type. */
  readonly page?: FormPage<Params>;
  /** True if nobody has to be signed in, as to sign up. */
  readonly forAnybody?: boolean;
  readonly take: (req: Request<Params>) => Promise<Outcome>;
}

/** The outcome of a form. */
export type Outcome = { readonly path: string; readonly message: string } | { readonly shown: object };

/** Another page, with a message. */
export function redirect(path: string, message: string): Outcome {
  return { path, message };
}

/** The same page again, with more values for its template. Nothing was stored. */
export function formAgain(shown: object): Outcome {
  return { shown };
}

interface FormsParts {
  readonly log: RequestLog;
  readonly flashes: Flashes;
  readonly ownWrites?: OwnWrites | undefined;
  /** The forms of people who had to sign in first. With it, only somebody who is signed in may send a form. */
  readonly keptForms?: { forget(req: Request<unknown>, path: string): Promise<void> } | undefined;
  /** The messages at the fields in another language, by their codes. */
  readonly messages?: Messages | undefined;
}

/** The forms of an app, by the paths to which they are sent. */
export class Forms {
  readonly #parts: FormsParts;
  readonly #paths = Router({ caseSensitive: true });
  readonly #sent = new WeakMap<object, FormDescription>();
  readonly #kept = Router({ caseSensitive: true });

  constructor(parts: FormsParts) {
    this.#parts = parts;
  }

  /**
   * Takes the forms for this path. If something is wrong with a form, its page is shown again: nothing is lost, and each field has its
   * message.
   */
  submitted<Params>(
    path: string,
    { page, take, forAnybody = false }: Submission<Params>,
  ): RequestHandler<Params> {
    const needsVisitor = this.#parts.keptForms !== undefined && !forAnybody;
    if (page) this.#paths.post(path, (req) => void this.#sent.set(req, page.form));
    if (page) this.#kept.get<Params>(path, (req, res) => showKept(req, res, page));
    return async (req, res) => {
      if (needsVisitor) signedIn(req);
      const focus = page && changeRows(req.body);
      if (page && focus !== undefined) return showForm(req, res, page, sentForm(req, page, { focus }));
      try {
        const outcome = await take(req);
        if (needsVisitor) await this.#parts.keptForms?.forget(req, req.originalUrl).catch(() => {}); // it ends by itself
        if (!("shown" in outcome)) return await this.#redirect(res, outcome);
        if (page) await showForm(req, res, page, sentForm(req, page), outcome.shown);
      } catch (error) {
        await this.#parts.ownWrites?.note(res, error);
        if (!page || wantsProblem(req)) throw error;
        await othersTurn(); // checking a long text and showing it again take some milliseconds each
        await this.#showRefused(req, res, page, error);
      }
    };
  }

  /** The form of this address, even if the request has not reached its route. */
  sentTo(req: Request, res: Response): FormDescription | undefined {
    if (req.method === "POST") this.#paths(req, res, () => {}); // a router answers OPTIONS by itself
    return this.#sent.get(req);
  }

  /** Shows the page of this path with a form that was sent to it before. */
  showAgain(req: Request<unknown>, res: Response, next: NextFunction, path: string, body: FormBody): void {
    req.url = path;
    req.body = body;
    this.#kept(req as Request, res, next);
  }

  async #redirect(res: Response, { path, message }: { path: string; message: string }): Promise<void> {
    await this.#parts.ownWrites?.note(res);
    this.#parts.flashes.write(res, message);
    res.redirect(303, path);
  }

  /** Shows the page again with the messages. Throws an error that is not about the form. */
  async #showRefused<Params>(req: Request<Params>, res: Response, page: FormPage<Params>, error: unknown) {
    this.#parts.log.noteError(res, error);
    if (error instanceof EditConflict && page.conflict) {
      const { view, rendering } = page.conflict;
      const about = { status: 409, commandId: newId(), seenVersion: error.actualVersion };
      const form = shownForm(page.form, { ...about, values: error.mine });
      const conflicts = await conflictOf(error, page.form, rendering, await page.options?.(req));
      return showForm(req, res, { ...page, view }, form, { conflicts });
    }
    const refusal = refusalOf(req, page, error, this.#parts.messages);
    await showForm(req, res, page, sentForm(req, page, refusal)).catch((failure) => {
      throw refusal.status === 503 ? error : failure; // a page that fails does not tell whether the form was stored
    });
  }
}

function showKept<Params>(req: Request<Params>, res: Response, page: FormPage<Params>): Promise<void> {
  return showForm(req, res, page, sentForm(req, page), { flash: isBack });
}

function refusalOf(
  req: Request<unknown>,
  { form, refusals = [] }: Pick<FormPage, "form" | "refusals">,
  error: unknown,
  messages: Messages | undefined,
): Partial<About> & { status: number } {
  if (error instanceof CommandNotValid) {
    const { commandId, seenVersion, ...errors } = messagesIn(error.details, messages);
    if (commandId) return { status: 422, commandId: newId(), errors, problem: notReadable };
    return { status: 422, errors, problem: seenVersion && notReadable };
  }
  if (error instanceof AggregateKeyNotUnique) {
    const field = fieldOfKey(form, error.scope);
    if (!field) return { status: 422, problem: somethingIsTaken };
    return { status: 422, errors: messagesIn({ [field]: [isTaken] }, messages) };
  }
  if (error instanceof AggregateNotFound || error instanceof AggregateClosed) {
    const message = error instanceof AggregateClosed ? isClosed : isMissing;
    const fields = fieldsWithId(req, form, error.aggregateId);
    if (fields.length === 0) throw error; // the id comes from the path
    return {
      status: 422,
      errors: messagesIn(Object.fromEntries(fields.map((name) => [name, [message]])), messages),
    };
  }
  if (error instanceof DomainError && refusals.some((refusal) => error instanceof refusal))
    return { status: error.status, problem: `${error.title}. ${error.detail}` };
  if (error instanceof CommandIdReused) return { status: 409, commandId: newId(), problem: sentBefore };
  if (error instanceof StoreUnavailable) return { status: 503, problem: unknownOutcome(req) };
  if (problemOf(error) === mailNotSent)
    return { status: 503, problem: `${mailNotSent.title}. ${mailNotSent.detail}` };
  throw error;
}

/** The fields in which somebody chose or typed this id. */
function fieldsWithId(req: Request<unknown>, form: FormDescription, id: string): string[] {
  const fields = everyField(sentForm(req, { form }).fields);
  return fields.filter(({ value }) => value?.trim().toLowerCase() === id).map(({ name }) => name);
}

const isBack = "You are signed in. Here is what you typed: nothing of it was stored yet, so send it again.";
const isMissing = { code: "missing", message: "does not exist, please choose another" };
const isClosed = { code: "closed", message: "can no longer be chosen, please choose another" };
const isTaken = { code: "taken", message: "is already registered, please choose another" };
const somethingIsTaken =
  "One of these values is already registered, and can be used only once. Please choose another.";
const notReadable = "The form did not arrive as we sent it to you. Please look it over and send it again.";
const sentBefore =
  "You sent this form before, with other values or with another button, and that is stored. To store this as well, send it again.";
