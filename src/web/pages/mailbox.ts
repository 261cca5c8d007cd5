import type { Request, RequestHandler, Router } from "express";
import type { Mailbox } from "../../mail/mail.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import type { Forms } from "../forms/forms.ts";
import { sendPage } from "../rendering/pages.ts";
import { resources } from "./resources.ts";

/** The mails that were not sent, because the program is being developed: a page for people, and the same for tests. */
export function mailboxRoutes({
  forms,
  mailbox,
}: {
  readonly forms: Forms;
  readonly mailbox: Mailbox;
}): Router {
  const showMails: RequestHandler<unknown> = async (req, res) => {
    onlyHere(req);
    const mails = (await mailbox.mails()).map((mail) => ({ ...mail, parts: partsOf(mail.text) }));
    res.set("Cache-Control", "no-store");
    await sendPage(res, "dev/mailbox", { mails });
  };
  const listMails: RequestHandler<unknown> = async (req, res) => {
    onlyHere(req);
    const mails = await mailbox.mails();
    res
      .set("Cache-Control", "no-store")
      .json(mails.map(({ to, subject, text, sentAt }) => ({ to, subject, text, sentAt })));
  };
  return resources(forms, {
    "/dev/mailbox": { GET: showMails },
    "/dev/mailbox.json": { GET: listMails },
  });
}

/** The links in these mails sign people in. So only a browser on this machine may read them, and not through a proxy. */
function onlyHere({ socket: { remoteAddress = "" }, headers }: Request<unknown>): void {
  const isHere = /^(::1|(::ffff:)?127\.[\d.]+)$/.test(remoteAddress);
  if (!isHere || headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined)
    throw new PageNotFound();
}

/** A text, cut before and after its links: each second part is one. */
function partsOf(text: string): string[] {
  return text.split(/(https?:\/\/\S+)/);
}
