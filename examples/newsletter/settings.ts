import type { BrokerAddress } from "#sequent/consumer";

export interface Settings {
  readonly broker: BrokerAddress;
  readonly port: number;
  /** Without it, the port decides. */
  readonly publicUrl: string | undefined;
  readonly blogUrl: string;
  readonly databaseUrl: string | undefined;
  /** Without it, mails are shown in the terminal. */
  readonly mailServer: { readonly url: string; readonly from: string } | undefined;
}

/** The message has a line for each setting that cannot be used. It repeats no value that may hold a password. */
export class SettingsNotValid extends Error {}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const problems: string[] = [];
  const text = (name: string) => environment[name]?.trim() || undefined;
  const address = (name: string, schemes: RegExp, example: string) => {
    const value = text(name);
    if (value !== undefined && !(schemes.test(value) && URL.canParse(value)))
      problems.push(`${name} is not an address such as ${name}=${example}`);
    return value;
  };
  const page = (name: string, example: string) =>
    address(name, /^https?:\/\/\S+$/, example)?.replace(/\/+$/, "");

  const url = address("BROKER_URL", /^(nats|amqps?|rediss?):\/\/\S+$/, "nats://localhost:4222");
  if (url === undefined)
    problems.push(
      "BROKER_URL is not set. It is the broker in which the blog publishes its events, as in " +
        "BROKER_URL=nats://localhost:4222. Start the blog with the same one.",
    );
  const port = text("PORT") ?? "3001";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    problems.push(`PORT is "${port}", but must be a whole number from 0 to 65535`);
  const [smtpUrl, from] = [
    address("SMTP_URL", /^smtps?:\/\/\S+$/, "smtp://user:password@mail.example.com:587"),
    text("MAIL_FROM"),
  ];
  if (smtpUrl && !from?.includes("@"))
    problems.push("MAIL_FROM is needed with SMTP_URL, as in MAIL_FROM=Newsletter <news@example.com>");

  const settings: Settings = {
    broker: { url: url ?? "", topic: text("BROKER_TOPIC") ?? "sequent-blog" },
    port: Number(port),
    publicUrl: page("PUBLIC_URL", "https://news.example.com"),
    blogUrl: page("BLOG_URL", "https://blog.example.com") ?? "http://localhost:3000",
    databaseUrl: address(
      "NEWSLETTER_DATABASE_URL",
      /^postgres(ql)?:\/\/\S+$/,
      "postgres://user:password@localhost/news",
    ),
    mailServer: smtpUrl && from ? { url: smtpUrl, from } : undefined,
  };
  if (problems.length > 0) throw new SettingsNotValid(problems.join("\n"));
  return settings;
}
