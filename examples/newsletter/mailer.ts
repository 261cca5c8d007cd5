import { createTransport } from "nodemailer";
import type { Mail } from "./mails.ts";

export interface Mailer {
  send(mail: Mail): Promise<unknown>;
  close(): void;
}

const [timeout, all] = [5_000, 15_000];

/** Sends mails one after the other on one connection. Without TLS, it sends only to this machine. */
export function smtpMailer(url: string, from: string): Mailer {
  const { hostname } = new URL(url);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 1,
    maxRequeues: 0, // the outbox tries again
    ignoreTLS: isHere,
    requireTLS: !isHere,
    dnsTimeout: timeout,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
  });
  const domain = from.split("@").at(-1)?.replace(/>.*$/, "");
  return {
    send: ({ id, to, subject, text, unsubscribe }) =>
      transport.sendMail({
        from,
        to: { name: "", address: to }, // an object, because a text would be read as a list of addresses
        subject,
        text,
        messageId: `<${id.replaceAll(":", ".")}@${domain}>`,
        headers: {
          "Auto-Submitted": "auto-generated", // so nobody's "I am on holiday" comes back
          "List-Unsubscribe": `<${unsubscribe}>`,
          "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        signal: AbortSignal.timeout(all),
      }),
    close: () => transport.close(),
  };
}

/** Shows mails in the terminal, so that one can try the newsletter without a mail server. */
export const terminalMailer: Mailer = {
  async send({ to, subject, text }) {
    const shown = `To: ${to}\nSubject: ${subject}\n\n${text}`.trimEnd().replaceAll(/^/gm, "  │ ");
    console.log(`\n  A mail. With SMTP_URL, it would be sent.\n${shown}\n`);
  },
  close() {},
};
