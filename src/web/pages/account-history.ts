import type { RequestHandler } from "express";
import { type HistoryWords, historyOf } from "../editing/history.ts";
import { labelsOf } from "../forms/description.ts";
import { sendPage } from "../rendering/pages.ts";
import { readerOf, signedIn } from "../visitor.ts";
import { authorForm } from "./authors.ts";
import type { PageParts } from "./resources.ts";

const accountWords: HistoryWords = {
  aggregateType: "Author",
  labels: labelsOf(authorForm),
  events: {
    AuthorAdded: { heading: "Account created" },
    AuthorNameSet: { heading: "Name changed", first: "Name given" },
    AuthorEmailSet: { heading: "Address changed", first: "Address given" },
    AuthorMailsChosen: { heading: "Mails about your posts" },
    AuthorEmailConfirmed: { heading: "Address confirmed" },
  },
};

/** Made here and not by `rendering`, which would keep names and addresses in its cache. */
export function showAccountHistory({ queries }: PageParts): RequestHandler<unknown> {
  return async (req, res) => {
    const { id: authorId } = signedIn(req);
    const revisions = await queries.ask({ type: "AuthorRevisions", authorId, ...readerOf(req) });
    await sendPage(res, "account/history", { history: historyOf(revisions, accountWords) });
  };
}
