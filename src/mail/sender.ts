/** Who mails are from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** The sender in `Blog <blog@example.com>` or `blog@example.com`. Undefined if it is neither. */
export function senderOf(text: string): Sender | undefined {
  const [, name = "", inBrackets, alone] = /^(?:([^<>\p{Cc}]*)<([^<>]+)>|([^<>]+))$/u.exec(text.trim()) ?? [];
  const address = inBrackets ?? alone ?? "";
  return isOneAddress(address) ? { name: name.trim().replace(/^"(.*)"$/, "$1"), address } : undefined;
}

/**
 * True for an address that every program reads as one, the same one. Addresses have passed `email()`; this is the last check before
 * one leaves, because older rules may have let others in.
 */
export function isOneAddress(address: string): boolean {
  return /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9.-]+$/i.test(address) && !address.includes("=?");
}
