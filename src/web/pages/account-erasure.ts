import type { Request } from "express";
import { CommandNotValid, string } from "#sequent";
import { EraseAuthor } from "../../domain/author/commands.ts";
import { form } from "../forms/description.ts";
import { redirect, type Submission } from "../forms/forms.ts";
import { envelopeOf, fieldOf } from "../forms/hidden-fields.ts";
import type { SignIn } from "../sign-in/sign-in.ts";
import { requireRecentSignIn, signedIn, type Visitor } from "../visitor.ts";
import type { PageParts } from "./resources.ts";

/** What is typed is not part of a command: it only shows that they mean it. */
const erasureForm = form([{ attributes: { confirmation: string() } }], {
  confirmation: { label: "Your name or your e-mail address", hint: "Type it to show that you mean it." },
});

/** Erases the account of the visitor, for ever. */
export function eraseAccount({ commandService, queries, finishErasure }: PageParts, signIn: SignIn) {
  return {
    page: {
      form: erasureForm,
      view: "account/erasure",
      async locals(req: Request<unknown>) {
        return { author: await queries.ask({ type: "AuthorById", authorId: signedIn(req).id }) };
      },
    },
    async take(req) {
      const visitor = requireRecentSignIn(req);
      refuseOtherWords(req, visitor);
      const given = { ...envelopeOf(req), aggregateId: visitor.id, by: "the author" };
      await commandService.executeCommands(await EraseAuthor.fromParams({}, given));
      const isFinished = await finishErasure(visitor.id);
      const isMailed = await signIn.endAccount(req, visitor);
      return redirect("/", farewell(isFinished, isMailed));
    },
  } satisfies Submission;
}

function refuseOtherWords(req: Request<unknown>, { name, email }: Visitor): void {
  const typed = plain(fieldOf(req, "confirmation"));
  if (typed !== "" && [name, email].map(plain).includes(typed)) return;
  throw new CommandNotValid("form", { confirmation: ["is not what you typed: look for a mistake"] }, {});
}

function plain(text: unknown): string {
  return typeof text === "string" ? text.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase() : "";
}

function farewell(isFinished: boolean, isMailed: boolean): string {
  const done = isFinished
    ? "Your account is erased."
    : "Your account is closed, and no page shows your name any more. Whoever runs this blog takes it out of the older records.";
  return isMailed ? done : `${done} The mail that says so could not be sent.`;
}
