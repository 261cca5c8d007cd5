import { fileURLToPath } from "node:url";
import ejs from "ejs";
import type { Mail } from "../../mail/mail.ts";
import { site } from "../site.ts";
import { escapeHtml, ValueMissing } from "./templates.ts";

interface Link {
  /** Absolute. */
  readonly link: string;
}

interface LinkForAWhile extends Link {
  readonly minutes: number;
}

/**
 * Each template of `views/mail/`, and its values. There is no name among them: whoever types a stranger's address could write to
 * the stranger in it.
 */
export interface MailTemplates {
  readonly "sign-in": LinkForAWhile;
  /** To somebody who has just signed up. */
  readonly "confirm-address": LinkForAWhile;
  /** To an unknown address with which somebody wanted to sign in. The link leads to the form to sign up. */
  readonly "no-account": Link;
  readonly "confirm-new-address": LinkForAWhile;
  /** To the old address. */
  readonly "address-changed": object;
  readonly "account-erased": object;
}

/**
 * A mail to this address. `views/mail/<name>.txt.ejs` is its text, which begins with the subject and an empty line.
 * `views/mail/<name>.ejs` says the same in HTML.
 *
 *     await mailer.send(await renderMail("sign-in", address, { link, minutes: 15 }));
 */
export function renderMail<Name extends keyof MailTemplates>(
  name: Name,
  to: string,
  values: MailTemplates[Name],
): Promise<Mail> {
  return renderTemplates(name, to, values);
}

/** The same for the templates of another list. `name` may have a folder before it. */
export async function renderTemplates(name: string, to: string, values: object): Promise<Mail> {
  const plain = await ejs.renderFile(
    pathOf(`${name}.txt`),
    { site, ...values },
    { cache: true, escape: asItIs },
  );
  const [, subject, text] = /^Subject: ([^\n]+)\n\n(.+)$/s.exec(plain) ?? [];
  if (subject === undefined || text === undefined)
    throw new TypeError(`views/mail/${name}.txt.ejs must begin with "Subject: …" and an empty line.`);
  const locals = { site, subject, ...values };
  const html = await ejs.renderFile(pathOf(name), locals, { cache: true, escape: escapeHtml });
  return { to, subject, text, html };
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../../views/mail/${name}.ejs`, import.meta.url));
}

/** A mail program shows a text as it is. */
function asItIs(value: unknown): string {
  if (value === undefined) throw new ValueMissing();
  return String(value ?? "");
}
