import type { RequestHandler } from "express";
import { ChooseMails } from "../../domain/author/commands.ts";
import { form } from "../forms/description.ts";
import { newForm, showForm } from "../forms/form-page.ts";
import { redirect, type Submission } from "../forms/forms.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import { signedIn } from "../visitor.ts";
import type { PageParts } from "./resources.ts";

const mailsForm = form([ChooseMails], {
  mails: {
    label: "Mails about your posts",
    hint: "When somebody else has published or changed a post of yours: its schedule, or a program of this blog.",
    options: { on: "Yes, send them", off: "No" },
  },
});

const page = { form: mailsForm, view: "account/mails" };

export function chooseMails({ commandService }: PageParts): Submission {
  return {
    page,
    async take(req) {
      const given = { ...envelopeOf(req), aggregateId: signedIn(req).id };
      const command = await ChooseMails.fromParams(req.body, given);
      await commandService.executeCommands(command);
      return redirect(
        "/account",
        command.mails === "on" ? "You get mails about your posts" : "You get no more mails about your posts",
      );
    },
  };
}

export function showMailsForm({ queries }: PageParts): RequestHandler<unknown> {
  return async (req, res) => {
    const author = await queries.ask({ type: "AuthorById", authorId: signedIn(req).id });
    await showForm(req, res, page, newForm(page, { mails: author?.mails ?? "on" }));
  };
}
