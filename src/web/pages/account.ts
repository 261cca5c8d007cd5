import { type Request, type RequestHandler, Router } from "express";
import { AggregateKeyNotUnique, CommandNotValid } from "#sequent";
import { ConfirmAuthorEmail, RenameAuthor } from "../../domain/author/commands.ts";
import { form } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { redirect, type Submission } from "../forms/forms.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import type { Values } from "../forms/shown-form.ts";
import { sendPage } from "../rendering/pages.ts";
import type { SignIn } from "../sign-in/sign-in.ts";
import { requireRecentSignIn, signedIn, type Visitor } from "../visitor.ts";
import { eraseAccount } from "./account-erasure.ts";
import { showAccountHistory } from "./account-history.ts";
import { chooseMails, showMailsForm } from "./account-mails.ts";
import { nameField } from "./authors.ts";
import { type PageParts, resources } from "./resources.ts";
import { showUnsubscribe, unsubscribe } from "./unsubscribe.ts";

const nameForm = form([RenameAuthor], { name: nameField });

const emailForm = form([ConfirmAuthorEmail], {
  email: {
    label: "New e-mail address",
    hint: "We send a link to it. Until you have opened the link, your present address stays.",
    inputType: "email",
    autocomplete: "email",
    unique: "author_email",
  },
});

/** The pages of one's own account. The list of one's sessions is a page of sign-in. */
export function accountRoutes(parts: PageParts): Router {
  const { signIn, forms } = parts;
  if (!signIn) return Router();
  const [rename, changeEmail, erase] = [
    changeName(parts),
    changeAddress(signIn),
    eraseAccount(parts, signIn),
  ];
  return resources(forms, {
    "/account": { GET: showAccount(parts) },
    "/account/mails": { GET: showMailsForm(parts), POST: chooseMails(parts) },
    "/account/history": { GET: showAccountHistory(parts) },
    "/account/name": { GET: showFormFor(signedIn, rename.page, ({ name }) => ({ name })), POST: rename },
    "/account/email": { GET: showFormFor(requireRecentSignIn, changeEmail.page), POST: changeEmail },
    "/account/email/:token": { GET: showNewAddress(signIn), POST: confirmNewAddress(signIn) },
    "/account/confirmation": { POST: sendConfirmation(signIn) },
    "/unsubscribe/:token": { GET: showUnsubscribe(signIn), POST: unsubscribe(parts, signIn) },
    "/account/erasure": { GET: showFormFor(requireRecentSignIn, erase.page), POST: erase },
  });
}

function showAccount({ queries }: PageParts): RequestHandler<unknown> {
  return async (req, res) => {
    const account = signedIn(req);
    const author = await queries.ask({ type: "AuthorById", authorId: account.id });
    await sendPage(res, "account/show", { account, mails: author?.mails ?? "on" });
  };
}

/** Shows an empty form, or one with values of the account. */
function showFormFor(
  visitorOf: (req: Request<unknown>) => Visitor,
  page: FormPage,
  valuesOf?: (visitor: Visitor) => Values,
): RequestHandler<unknown> {
  return async (req, res) => {
    const visitor = visitorOf(req);
    await showForm(req, res, page, newForm(page, valuesOf?.(visitor)));
  };
}

function changeName({ commandService }: PageParts) {
  return {
    page: { form: nameForm, view: "account/name" },
    async take(req) {
      const given = { ...envelopeOf(req), aggregateId: signedIn(req).id };
      await commandService.executeCommands(await RenameAuthor.fromParams(req.body, given));
      return redirect("/account", "Name changed");
    },
  } satisfies Submission;
}

/** Changes nothing yet: the link that it mails does. So nobody loses an account by a typing mistake. */
function changeAddress(signIn: SignIn) {
  return {
    page: { form: emailForm, view: "account/email" },
    async take(req) {
      const { id, email: present } = requireRecentSignIn(req);
      const given = { ...envelopeOf(req), aggregateId: id };
      const { email } = await ConfirmAuthorEmail.fromParams(req.body, given);
      if (email.toLowerCase() === present.toLowerCase())
        throw new CommandNotValid("form", { email: ["is your address already"] }, req.body);
      await signIn.changeAddress(req, email);
      return redirect(
        "/account",
        "We have sent a link to the new address. It counts when you have opened it.",
      );
    },
  } satisfies Submission;
}

function showNewAddress(signIn: SignIn): RequestHandler<{ readonly token: string }> {
  return async (req, res) => {
    signedIn(req);
    const newAddress = await signIn.newAddress(req, req.params.token);
    if (newAddress === undefined) res.status(404);
    await sendPage(res, "account/new-address", { newAddress, token: req.params.token });
  };
}

function confirmNewAddress(signIn: SignIn): Submission<{ readonly token: string }> {
  return {
    async take(req) {
      try {
        const isChanged = await signIn.confirmNewAddress(req, req.params.token);
        return redirect(
          "/account",
          isChanged ? "Address changed" : "This link was used before, or it is too old.",
        );
      } catch (error) {
        if (!(error instanceof AggregateKeyNotUnique)) throw error;
        return redirect("/account", "This address belongs to another account, so yours is as before.");
      }
    },
  };
}

function sendConfirmation(signIn: SignIn): Submission {
  return {
    async take(req) {
      if (signedIn(req).isConfirmed) return redirect("/account", "Your address is confirmed already.");
      await signIn.sendConfirmation(req);
      return redirect("/account", "We have sent the link again.");
    },
  };
}
