import type { Request, Response } from "express";
import type { DomainError } from "#sequent";
import { declaredFields, newId } from "#sequent/operations";
import { sendPage } from "../rendering/pages.ts";
import type { Rendering } from "../rendering/rendering.ts";
import type { FormDescription } from "./description.ts";
import { sentAgain } from "./hidden-fields.ts";
import { type Options, withOptions } from "./options.ts";
import { type About, everyField, type ShownForm, shownForm, type Values } from "./shown-form.ts";

/** A page with a form. */
export interface FormPage<Params = unknown> {
  readonly form: FormDescription;
  /** The template. It gets `form` and the values of `locals`. */
  readonly view: string;
  readonly locals?: (req: Request<Params>) => object | Promise<object>;
  /** What one can choose in a field with `inputType: "select"`: `{ authorId: { "0198…": "Ada" } }`. */
  readonly options?: (req: Request<Params>) => Options | Promise<Options>;
  /** Refusals of the domain after which the form is shown again, with their words. All others have the page of an error. */
  readonly refusals?: readonly (abstract new (
    ...values: never[]
  ) => DomainError)[];
  /** The template for two edits of one field. It also gets `conflicts`: see `merge`. */
  readonly conflict?: { readonly view: string; readonly rendering: Rendering };
}

/** An empty form, or one with present values to edit and their version. */
export function newForm(
  { form }: { readonly form: FormDescription },
  values?: Values,
  seenVersion?: number,
): ShownForm {
  const blank = Object.entries(form.fields).map(([name, field]) => [name, "each" in field ? [""] : ""]);
  const about = { status: 200, commandId: newId(), seenVersion };
  return shownForm(form, { ...about, values: values ?? Object.fromEntries(blank) });
}

/** True if it has a password, which is never kept. */
export function asksForSecrets(form: FormDescription): boolean {
  return everyField(newForm({ form }).fields).some(
    ({ field }) => "inputType" in field && field.inputType === "password",
  );
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

export async function showForm<Params>(
  req: Request<Params>,
  res: Response,
  page: FormPage<Params>,
  form: ShownForm,
  more: object = {},
): Promise<void> {
  const [locals, options = {}] = await Promise.all([page.locals?.(req), page.options?.(req)]);
  const fields = withOptions(form.fields, options);
  if (form.status === 503) res.set("Retry-After", "5");
  if (form.status !== 200) res.set("Cache-Control", "private, no-store");
  res.status(form.status);
  await sendPage(res, page.view, { ...locals, form: { ...form, fields }, ...more });
}
