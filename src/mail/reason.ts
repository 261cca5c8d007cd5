/** What is known of an error of nodemailer. */
interface SmtpError {
  readonly code?: string;
  /** Such as `RCPT TO`. */
  readonly command?: string;
  /** The number of the answer. */
  readonly responseCode?: number;
}

const longest = 300;

/**
 * Why a mail was not sent, for the log. Servers like to repeat the address in what they say, so it is taken out, and so is every
 * word that has a part of it. The error itself is left behind, because it has the address in several places.
 */
export function reasonOf(error: unknown, address: string): Error {
  const { code, command } = (typeof error === "object" && error !== null ? error : {}) as SmtpError;
  const message = error instanceof Error ? error.message : String(error);
  const where = [code, command].filter((each) => typeof each === "string").join(", ");
  const reason = new Error(`${withoutAddress(message, address)}${where && ` (${where})`}`);
  delete reason.stack; // it would only show this file
  return reason;
}

/** True if the server wants this mail never: neither its address (RCPT TO) nor what it says (DATA), whoever sends it. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof TypeError) return true; // not a plain address
  const { command = "", responseCode = 0 } = (error ?? {}) as SmtpError;
  return responseCode >= 500 && /^(RCPT TO|DATA)$/.test(command);
}

function withoutAddress(message: string, address: string): string {
  const parts = address.toLowerCase().split("@").filter(Boolean);
  const words = message.slice(0, longest).split(/\s+/);
  return words.map((word) => (isTelling(word.toLowerCase(), parts) ? "[…]" : word)).join(" ");
}

/** A part of one or two letters is in many words, so it counts only as a word of its own. */
function isTelling(word: string, parts: readonly string[]): boolean {
  const bare = word.replace(/^\W+|\W+$/g, "");
  return word.includes("@") || parts.some((part) => (part.length > 2 ? word.includes(part) : bare === part));
}
