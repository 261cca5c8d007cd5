import { setImmediate as othersTurn } from "node:timers/promises";
import { type Request, type Response, Router } from "express";
import { AggregateKeyNotUnique, CommandNotValid, EditConflict } from "#sequent";
import {
  CommandIdReused,
  declaredFields,
  type Messages,
  messagesIn,
  newId,
  StoreUnavailable,
} from "#sequent/operations";
import { wantsProblem } from "../errors/problem.ts";
import { noteRejection } from "../logging/request-log.ts";
import { flash } from "../pages/flash.ts";
import { sendPage } from "../rendering/pages.ts";
import type { Rendering } from "../rendering/rendering.ts";
import { conflictOf } from "./conflict.ts";
import { type FormDescription, fieldOfKey } from "./description.ts";
import { sentAgain, unknownOutcome } from "./hidden-fields.ts";
import { changeRows } from "./rows.ts";
import { type ShownForm, shownForm, type Values } from "./shown-form.ts";

/** A page with a form. */
export interface FormPage<Params = unknown> {
  readonly form: FormDescription;
  /** The template. It gets `form`, and what `locals` gives. */
  readonly view: string;
  readonly locals?: (req: Request<Params>, res: Response) => object | Promise<object>;
  /** The template for two edits of one field, which gets `conflicts` too: see `merge`. */
  readonly conflict?: { readonly view: string; readonly rendering: Rendering };
}

/** A form that nobody has filled in yet, or with what is there to be edited, in the version that its reader sees. */
export function newForm(
  { form }: { readonly form: FormDescription },
  values?: Values,
  seenVersion?: number,
): ShownForm {
  const blank = Object.entries(form.fields).map(([name, field]) => [name, "each" in field ? [""] : ""]);
  const about = { status: 200, commandId: newId(), seenVersion };
  return shownForm(form, { ...about, values: values ?? Object.fromEntries(blank) });
}

/** The form as it was sent, with nothing lost. */
export function sentForm(
  req: Request<unknown>,
  { form }: { readonly form: FormDescription },
  about: Partial<About> = {},
): ShownForm {
  const values = declaredFields(req.body ?? {}, form.attributes);
  return shownForm(form, { status: 200, ...sentAgain(req), values, ...about });
}

type About = Parameters<typeof shownForm>[1];

export async function showForm<Params>(
  req: Request<Params>,
  res: Response,
  page: FormPage<Params>,
  form: ShownForm,
  more: object = {},
): Promise<void> {
  const locals = await page.locals?.(req, res);
  if (form.status === 503) res.set("Retry-After", "5");
  if (form.status !== 200) res.set("Cache-Control", "no-store");
  res.status(form.status);
  sendPage(res, page.view, { ...locals, form, ...more });
}

/** Where a form leads when all went well. */
export function redirect(res: Response, path: string, message: string): void {
  flash(res, message);
  res.redirect(303, path);
}

type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? { readonly [Key in Name]: string }
    : unknown;

/** The forms of an app, by the paths to which they are sent. */
export class Forms {
  readonly #paths = Router({ caseSensitive: true });
  readonly #sent = new WeakMap<Request, FormDescription>();
  readonly #messages: Messages | undefined;

  /** `messages` are those of another language, by their codes. */
  constructor({ messages }: { readonly messages?: Messages | undefined } = {}) {
    this.#messages = messages;
  }

  /**
   * Takes the form of a page: parse it, execute a command, redirect. Whatever is wrong with it, the page is shown again, with
   * nothing lost and a message at each field.
   *
   *     forms.onSubmit(router, "/authors", signUp, async (req, res) => {
   *       const command = await AddAuthor.fromParams(req.body, envelopeOf(req));
   *       await commandsOf(res).executeCommands(command);
   *       redirect(res, `/authors/${command.aggregateId}`, "Account created");
   *     });
   */
  onSubmit<const Path extends string>(
    router: Router,
    path: Path,
    page: FormPage<ParamsOf<Path>>,
    take: (req: Request<ParamsOf<Path>>, res: Response) => Promise<void>,
  ): void {
    this.#paths.post(path, (req) => void this.#sent.set(req as unknown as Request, page.form));
    router.post(path, async (request, res) => {
      const req = request as unknown as Request<ParamsOf<Path>>;
      const focus = changeRows(req.body);
      if (focus !== undefined) return showForm(req, res, page, sentForm(req, page, { focus }));
      try {
        await take(req, res);
      } catch (error) {
        await othersTurn(); // to check a long text and to show it again takes milliseconds each
        await showRefused(req, res, page, error, this.#messages);
      }
    });
  }

  /** The form that belongs to the address of this request, also where its route was never reached. */
  sentTo(req: Request, res: Response): FormDescription | undefined {
    if (req.method === "POST") this.#paths(req, res, () => {}); // a router answers OPTIONS by itself
    return this.#sent.get(req);
  }
}

/**
 * The page again, with what is wrong and the status of that. An error that is not about the form is thrown again, and so
 * is any for a program that asks for errors as data.
 */
async function showRefused<Params>(
  req: Request<Params>,
  res: Response,
  page: FormPage<Params>,
  error: unknown,
  messages: Messages | undefined,
) {
  if (wantsProblem(req)) throw error;
  noteRejection(res, error);
  if (error instanceof EditConflict && page.conflict) {
    const { view, rendering } = page.conflict;
    const about = { status: 409, commandId: newId(), seenVersion: error.actualVersion };
    const form = shownForm(page.form, { ...about, values: error.mine });
    return showForm(req, res, { ...page, view }, form, {
      conflicts: await conflictOf(error, page.form, rendering),
    });
  }
  const refusal = refusalOf(req, page.form, error, messages);
  await showForm(req, res, page, sentForm(req, page, refusal)).catch((failure) => {
    throw refusal.status === 503 ? error : failure; // a page that fails does not tell whether the form was stored
  });
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
  "Something of this is already registered, and may be there only once. Please choose another.";
const notReadable = "The form did not arrive as we sent it to you. Please look it over and send it again.";
const sentBefore =
  "You sent this form before, with other values or with another button, and that is stored. To store this as well, send it again.";
