import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Consumer } from "#sequent/consumer";
import { DatabaseUnavailable, openDatabase, secretOf } from "./database.ts";
import { smtpMailer, terminalMailer } from "./mailer.ts";
import { createPages } from "./pages.ts";
import { handlers } from "./posts.ts";
import { Readers } from "./readers.ts";
import { Sender } from "./sender.ts";
import { readSettings, type Settings, SettingsNotValid } from "./settings.ts";
import { Tokens } from "./tokens.ts";

try {
  await start(readSettings(process.env));
} catch (error) {
  console.error(explained(error));
  process.exit(1);
}

async function start({
  broker,
  port,
  databaseUrl,
  mailServer,
  blogUrl,
  ...settings
}: Settings): Promise<void> {
  const log = pino({
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const database = await openDatabase(databaseUrl);
  const tokens = new Tokens(await secretOf(database));
  const server = createServer(createPages({ readers: new Readers(database), tokens, blogUrl, log }));
  const address = `http://localhost:${await listen(server, port)}`;

  const mailer = mailServer ? smtpMailer(mailServer.url, mailServer.from) : terminalMailer;
  const publicUrl = settings.publicUrl ?? address;
  const sender = new Sender({ database, mailer, log, tokens, publicUrl, blogUrl });
  const consumer = new Consumer("Newsletter", { broker, database, handlers, log });
  sender.start();
  await consumer.start();
  const hint = mailServer ? "" : ". Without SMTP_URL, mails are shown here";
  console.log(`The newsletter is at ${address}${hint}`);

  stopOnSignal(async () => {
    log.info("stopping");
    await Promise.all([close(server), consumer.stop(), sender.stop()]);
    mailer.close();
    await database.destroy();
  });
}

async function listen(server: Server, port: number): Promise<number> {
  await once(server.listen(port), "listening");
  return (server.address() as AddressInfo).port;
}

/** Requests that run are answered, if that does not take long. */
async function close(server: Server): Promise<void> {
  const closed = once(server.close(), "close");
  setTimeout(() => server.closeAllConnections(), 5_000).unref();
  await closed;
}

/** The first signal ends what runs, and the second one ends the program at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  for (const signal of ["SIGTERM", "SIGINT"])
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      void stop().then(() => process.exit(0));
    });
}

function explained(error: unknown): unknown {
  const { code, syscall, port } = error as NodeJS.ErrnoException & { port?: number };
  if (error instanceof SettingsNotValid || error instanceof DatabaseUnavailable) return error.message;
  if (syscall !== "listen") return error;
  return code === "EADDRINUSE"
    ? `Port ${port} is taken. Choose another one, as in PORT=${Number(port) + 1}`
    : `The newsletter cannot listen on port ${port} (${code}). Choose another one, as in PORT=3001`;
}
