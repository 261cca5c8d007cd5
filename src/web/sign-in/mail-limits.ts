import { TooManyRequests } from "../errors/http-errors.ts";
import { keyedHash, type Limit, type RateLimitStore } from "../guards/rate-limit.ts";

/** How often one visitor may ask for links. */
export const signIns: Limit = {
  name: "sign-ins",
  most: 10,
  seconds: 15 * 60,
  counts: (req) => /^\/sign-in\/?$/.test(req.path),
};

const limits = [
  { name: "mails", most: 3, seconds: 15 * 60 },
  { name: "mails-a-day", most: 10, seconds: 24 * 60 * 60 },
];

interface MailLimitsParts {
  readonly store: RateLimitStore | undefined;
  readonly secret: string;
}

/** How many mails one address gets, whether it is known or not. Nobody can fill a stranger's mailbox. */
export class MailLimits {
  readonly #parts: MailLimitsParts;

  constructor(parts: MailLimitsParts) {
    this.#parts = parts;
  }

  /** Counts a mail. Returns false if it is one too many. */
  async allow(email: string): Promise<boolean> {
    return (await this.#excess(email)) === undefined;
  }

  /** Throws `TooManyRequests` for one too many. */
  async require(email: string): Promise<void> {
    const excess = await this.#excess(email);
    if (excess) throw new TooManyRequests(excess.name, excess.secondsLeft);
  }

  async #excess(email: string): Promise<{ name: string; secondsLeft: number } | undefined> {
    const { store, secret } = this.#parts;
    if (!store) return undefined;
    const address = keyedHash(secret, `mail to ${email.toLowerCase()}`);
    const keys = limits.map(({ name, seconds }) => ({ key: `${name}:${address}`, seconds }));
    const states = await store.count(keys);
    return limits
      .map(({ name, most }, index) => ({ name, most, count: 0, secondsLeft: 1, ...states[index] }))
      .find(({ count, most }) => count > most);
  }
}
