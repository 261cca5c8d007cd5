import type { Tokens } from "./tokens.ts";

export interface Mail {
  /** The same for each try, so whoever gets it twice can tell. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** An address at which a POST ends the mails. */
  readonly unsubscribe: string;
}

/** A row of the outbox, with what it is about. */
export interface DueMail {
  readonly id: string;
  readonly attempts: number;
  readonly reader_id: string;
  readonly email: string;
  readonly confirmed_at: Date | null;
  readonly post_id: string | null;
  readonly title: string | null;
  readonly excerpt: string | null;
}

export interface MailParts {
  readonly tokens: Tokens;
  readonly publicUrl: string;
  readonly blogUrl: string;
}

export function mailOf(due: DueMail, { tokens, publicUrl, blogUrl }: MailParts): Mail {
  const link = (purpose: "confirm" | "unsubscribe") =>
    `${publicUrl}/${purpose}/${tokens.of(due.reader_id, purpose)}`;
  const unsubscribe = link("unsubscribe");
  const about = () => {
    if (due.post_id !== null) return newPost(due, `${blogUrl}/posts/${due.post_id}`);
    return due.confirmed_at === null ? pleaseConfirm(blogUrl, link("confirm")) : readerAlready(blogUrl);
  };
  const { subject, text } = about();
  return {
    id: due.id,
    to: due.email,
    subject,
    text: due.confirmed_at === null ? text : `${text}\n-- \nNo more mails: ${unsubscribe}\n`,
    unsubscribe,
  };
}

function newPost({ title, excerpt }: DueMail, url: string) {
  return { subject: title || "A new post", text: `${title}\n\n${excerpt}\n\nRead on: ${url}\n` };
}

function pleaseConfirm(blogUrl: string, link: string) {
  return {
    subject: "Do you want mails about new posts?",
    text: `Somebody, probably you, asked us to write to this address when a post is published at ${blogUrl}

If you want that, open this page and press the button. You have a week:
${link}

If you do not want it, do nothing. We forget your address after a week.
`,
  };
}

function readerAlready(blogUrl: string) {
  return {
    subject: "You get mails about new posts",
    text: `Somebody, probably you, signed up with this address. You do get a mail when a post is published at ${blogUrl}
There is nothing to do.
`,
  };
}
