import { randomUUID } from "node:crypto";
import { type Mail, type Mailer, MailNotSent } from "./mail.ts";
import { isRefusal, reasonOf } from "./reason.ts";
import { isOneAddress, type Sender } from "./sender.ts";
import type { SmtpServer } from "./smtp-server.ts";

/** In milliseconds. Somebody waits for the page, so all of it takes no longer than they would. */
export interface MailTimeouts {
  readonly connect: number;
  /** Until the server says hello. */
  readonly greeting: number;
  readonly all: number;
}

const timeouts: MailTimeouts = { connect: 5_000, greeting: 5_000, all: 10_000 };

/**
 * Sends each mail on a connection of its own. Mails are rare, so kept connections would mostly have ended when one is needed. And
 * nothing is left to close when the program stops.
 */
export class SmtpMailer implements Mailer {
  readonly #server: SmtpServer;
  readonly #from: Sender;
  readonly #timeouts: MailTimeouts;
  #transport: ReturnType<typeof transportTo> | undefined;

  constructor(server: SmtpServer, from: Sender, within: MailTimeouts = timeouts) {
    this.#server = server;
    this.#from = from;
    this.#timeouts = within;
  }

  async send({ to, subject, text, html, id = randomUUID(), unsubscribe }: Mail): Promise<void> {
    try {
      if (!isOneAddress(to)) throw new TypeError("The address is not one plain address.");
      this.#transport ??= transportTo(this.#server, this.#timeouts);
      const transport = await this.#transport;
      await transport.sendMail({
        from: this.#from,
        to: { name: "", address: to }, // an object, because a text would be read as a list of addresses
        subject,
        text,
        html,
        messageId: `<${id.replaceAll(":", ".")}@${this.#from.address.split("@")[1]}>`,
        headers: {
          "Auto-Submitted": "auto-generated", // so nobody's "I am on holiday" comes back
          ...(unsubscribe && {
            "List-Unsubscribe": `<${unsubscribe}>`,
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
          }),
        },
        signal: AbortSignal.timeout(this.#timeouts.all),
      });
    } catch (error) {
      throw new MailNotSent({ cause: reasonOf(error, to), isRefused: isRefusal(error) });
    }
  }
}

async function transportTo({ host, port, tls, login }: SmtpServer, { connect, greeting }: MailTimeouts) {
  const { createTransport } = await import("nodemailer"); // with the first mail: loading it takes 40 ms and 12 MB
  return createTransport({
    host,
    port,
    secure: tls === "from the start",
    requireTLS: tls === "required",
    ignoreTLS: tls === "off",
    ...(login && { auth: { user: login.user, pass: login.password } }),
    dnsTimeout: connect,
    connectionTimeout: connect,
    greetingTimeout: greeting,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
