import type { Request, RequestHandler } from "express";
import { ChooseMails } from "../../domain/author/commands.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { form } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { formAgain, type Submission } from "../forms/forms.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import type { SignIn } from "../sign-in/sign-in.ts";
import { accountOfToken } from "../unsubscribe-token.ts";
import type { PageParts } from "./resources.ts";

interface OfToken {
  readonly token: string;
}

const page: FormPage<OfToken> = {
  form: form([{ attributes: {} }], {}),
  view: "account/unsubscribe",
  locals: ({ params: { token } }) => ({ token }),
};

/** Only the button ends mails, because programs that look for dangerous mails follow the links in them. */
export function showUnsubscribe({ secret }: SignIn): RequestHandler<OfToken> {
  return async (req, res) => {
    accountOf(req, secret);
    await showForm(req, res, page, newForm(page));
  };
}

/**
 * Ends the mails of the account without a sign-in. A mail program may press the button by itself ("List-Unsubscribe-Post" of RFC 8058), so
 * the answer is no other page.
 */
export function unsubscribe({ commandService }: PageParts, { secret }: SignIn): Submission<OfToken> {
  return {
    page,
    forAnybody: true,
    async take(req) {
      const aggregateId = accountOf(req, secret);
      const given = { ...envelopeOf(req), aggregateId, userId: aggregateId };
      await commandService.executeCommands(await ChooseMails.fromParams({ mails: "off" }, given));
      return formAgain({ isDone: true });
    },
  };
}

function accountOf({ params: { token } }: Request<OfToken>, secret: string): string {
  const account = accountOfToken(token, secret);
  if (account === undefined) throw new PageNotFound();
  return account;
}
