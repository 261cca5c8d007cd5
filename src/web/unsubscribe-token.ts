import { createHmac, timingSafeEqual } from "node:crypto";

/** Lets whoever has it end the mails to this account, and do nothing else. It does not expire: mails are kept for years. */
export function unsubscribeToken(accountId: string, secret: string): string {
  return `${accountId}.${signatureOf(accountId, secret)}`;
}

/** The account of a token. Undefined if we did not make it. */
export function accountOfToken(token: string, secret: string): string | undefined {
  const [accountId = "", signature = ""] = token.split(".");
  const [given, right] = [Buffer.from(signature), Buffer.from(signatureOf(accountId, secret))];
  return given.length === right.length && timingSafeEqual(given, right) ? accountId : undefined;
}

function signatureOf(accountId: string, secret: string): string {
  return createHmac("sha256", secret).update(`unsubscribe=${accountId}`).digest("base64url");
}
