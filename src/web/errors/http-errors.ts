/** A refused request, with its status and its words for the person. */
export abstract class HttpError extends Error {
  abstract readonly status: number;
  abstract readonly title: string;
  readonly detail: string = this.message;
}

/** The request itself is broken. */
export class BadRequest extends HttpError {
  readonly status = 400;
  readonly title = "That was not understood";
  override readonly detail = "The address or the form is not one that this blog can read.";
}

/** Only somebody who is signed in may do this. A browser is sent to sign in, and a program gets 401. */
export class SignInRequired extends HttpError {
  readonly status = 401;
  readonly title = "Please sign in first";
  override readonly detail = "This is for people who are signed in.";
}

/** A link that was mailed does not work: it was used, it has expired, or it was never one. */
export class LinkNotValid extends HttpError {
  readonly status: 404 | 410;
  readonly title = "This link does not work any more";
  override readonly detail: string;

  constructor({ hasExpired }: { readonly hasExpired: boolean }) {
    super();
    this.status = hasExpired ? 410 : 404;
    this.detail = hasExpired
      ? "It was too old: a link works for 15 minutes. Ask for a new one."
      : "It was used before, or it did not arrive as we sent it. A link works once. Ask for a new one.";
  }
}

/** The form was sent from a page of another site. */
export class CrossSiteRequest extends HttpError {
  readonly status = 403;
  readonly title = "This came from another site";
  readonly origin: string | undefined;

  constructor(origin: string | undefined) {
    super(
      "To protect you, the blog accepts forms only from its own pages. Open the page here and send it again.",
    );
    this.origin = origin;
  }
}

/** There is no page at this address. */
export class PageNotFound extends HttpError {
  readonly status = 404;
  readonly title = "Page not found";
  override readonly detail =
    "There is nothing at this address. It may have been mistyped, or the link is old.";
}

/** The page exists, but not for this method. */
export class MethodNotAllowed extends HttpError {
  readonly status = 405;
  readonly title = "That cannot be done here";
  /** The methods that it has. */
  readonly allow: string;

  constructor(allow: string) {
    super("This page exists, but your browser or program asked for something that it cannot do.");
    this.allow = allow;
  }
}

/** The form is too large. */
export class FormTooLarge extends HttpError {
  readonly status = 413;
  readonly title = "That is too much at once";
  readonly limit: "bytes" | "fields";

  constructor(
    limit: "bytes" | "fields",
    most: number,
    { advice, isKept }: { readonly advice: string; readonly isKept: boolean },
  ) {
    const allowed =
      limit === "bytes" ? `${Math.floor(most / 1024)} KB` : `${most.toLocaleString("en")} fields`;
    const toDo = isKept
      ? "What you typed is below, as far as it arrived. Send less of it at once."
      : "What you typed is too much to be shown here. Go back with your browser, shorten it, and send it again: it is still in the form.";
    super([`A form may have ${allowed}.`, advice, toDo].filter(Boolean).join(" "));
    this.limit = limit;
  }
}

/** The body is not a form in UTF-8. */
export class UnsupportedForm extends HttpError {
  readonly status = 415;
  readonly title = "Please send a form";
  override readonly detail = "This address takes forms only (application/x-www-form-urlencoded in UTF-8).";
}

/** The blog does not answer to this host name. The message says what to do. */
export class UnknownHost extends HttpError {
  readonly status = 421;
  readonly title = "This is another blog";
}

/** Too many forms in a short time. */
export class TooManyRequests extends HttpError {
  readonly status = 429;
  readonly title = "Not so fast";
  /** In seconds. */
  readonly retryAfter: number;
  readonly limit: string;

  constructor(limit: string, retryAfter: number) {
    const wait = retryAfter < 90 ? `${retryAfter} seconds` : `${Math.ceil(retryAfter / 60)} minutes`;
    super(`That was a lot in a short time. Please try again in ${wait}.`);
    this.limit = limit;
    this.retryAfter = retryAfter;
  }
}

/** More headers than a browser or a proxy sends. */
export class TooManyHeaders extends HttpError {
  readonly status = 431;
  readonly title = "That is too much at once";
  override readonly detail = "Your browser or program sent more headers than this blog reads.";
}
