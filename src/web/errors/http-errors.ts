/** A request that is not taken. `status` says how to answer; the error pages put it into words. */
export abstract class HttpError extends Error {
  abstract readonly status: number;
}

/** The request itself is broken, whatever it asks for. */
export class BadRequest extends HttpError {
  readonly status = 400;
}

/** A form that was sent from a page of another site. */
export class CrossSiteRequest extends HttpError {
  readonly status = 403;
  readonly origin: string | undefined;

  constructor(origin: string | undefined) {
    super("A form of another site.");
    this.origin = origin;
  }
}

/** There is no page at this address. */
export class PageNotFound extends HttpError {
  readonly status = 404;
}

/** A form that is larger than forms may be. The message says what to do about it. */
export class FormTooLarge extends HttpError {
  readonly status = 413;
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

/** Not a form in UTF-8. */
export class UnsupportedForm extends HttpError {
  readonly status = 415;
}

/** A host name that this blog does not answer to. The message says what to do about it. */
export class UnknownHost extends HttpError {
  readonly status = 421;
}

/** Too often in too short a time. */
export class TooManyRequests extends HttpError {
  readonly status = 429;
  /** In seconds. */
  readonly retryAfter: number;
  readonly limit: string;

  constructor(limit: string, retryAfter: number) {
    super(`Too many of ${limit}.`);
    this.limit = limit;
    this.retryAfter = retryAfter;
  }
}

/** More headers than any browser or proxy sends. */
export class TooManyHeaders extends HttpError {
  readonly status = 431;
}
