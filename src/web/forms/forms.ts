import { setImmediate as othersTurn } from "node:timers/promises";
import { type Request, type RequestHandler, type Response, Router } from "express";
import { AggregateKeyNotUnique, CommandNotValid, EditConflict } from "#sequent";
import { CommandIdReused, type Messages, messagesIn, newId, StoreUnavailable } from "#sequent/operations";
import { wantsProblem } from "../errors/problem.ts";
import type { RequestLog } from "../logging/request-log.ts";
import type { OwnWrites } from "../own-writes.ts";
import type { Flashes } from "../pages/flash.ts";
import { conflictOf } from "./conflict.ts";
import { type FormDescription, fieldOfKey } from "./description.ts";
import { type FormPage, sentForm, showForm } from "./form-page.ts";
import { unknownOutcome } from "./hidden-fields.ts";
import { changeRows } from "./rows.ts";
import { type About, shownForm } from "./shown-form.ts";

/** A route that takes a form: parse it, execute a command, redirect. */
export interface Submission<Params = unknown> {
  /** Left out if there is nothing to type. */
  readonly page?: FormPage<Params>;
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
  /** The messages at the fields in another language, by their codes. */
  readonly messages?: Messages | undefined;
}

/** The forms of an app, by the paths to which they are sent. */
export class Forms {
  readonly #parts: FormsParts;
  readonly #paths = Router({ caseSensitive: true });
  readonly #sent = new WeakMap<object, FormDescription>();

  constructor(parts: FormsParts) {
    this.#parts = parts;
  }

  /**
   * Takes the forms for this path. If something is wrong with a form, its page is shown again: nothing is lost, and each field has its
   * message.
   */
  submitted<Params>(path: string, { page, take }: Submission<Params>): RequestHandler<Params> {
    if (page) this.#paths.post(path, (req) => void this.#sent.set(req, page.form));
    return async (req, res) => {
      const focus = page && changeRows(req.body);
      if (page && focus !== undefined) return showForm(req, res, page, sentForm(req, page, { focus }));
      try {
        const outcome = await take(req);
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
      const conflicts = await conflictOf(error, page.form, rendering);
      return showForm(req, res, { ...page, view }, form, { conflicts });
    }
    const refusal = refusalOf(req, page.form, error, this.#parts.messages);
    await showForm(req, res, page, sentForm(req, page, refusal)).catch((failure) => {
      throw refusal.status === 503 ? error : failure; // a page that fails does not tell whether the form was stored
    });
  }
}

function refusalOf(
  req: Request<unknown>,
  form: FormDescription,
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
  if (error instanceof CommandIdReused) return { status: 409, commandId: newId(), problem: sentBefore };
  if (error instanceof StoreUnavailable) return { status: 503, problem: unknownOutcome(req) };
  throw error;
}

const isTaken = { code: "taken", message: "is already registered, please choose another" };
const somethingIsTaken =
  "One of these values is already registered, and can be used only once. Please choose another.";
const notReadable = "The form did not arrive as we sent it to you. Please look it over and send it again.";
const sentBefore =
  "You sent this form before, with other values or with another button, and that is stored. To store this as well, send it again.";
