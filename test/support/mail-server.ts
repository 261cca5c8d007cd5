import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

/** A mail as it reached the server. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and parts, which are decoded from quoted-printable. */
  readonly source: string;
}

/** A real mail server, until the test has finished. It speaks no TLS, if the options do not say otherwise. */
export async function mailServer(options: SMTPServerOptions = {}, port = 0) {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    closeTimeout: 1,
    logger: false,
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => {
        const source = decoded(Buffer.concat(chunks).toString());
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), source });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {}); // clients that go away
  const listening = server.listen(port, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())));
  return { mails, port: (listening.address() as AddressInfo).port };
}

/** A server that answers each line as it is told, or not at all. The first line is "connected", which it tells itself. */
export async function scriptedServer(answer: (line: string, socket: Socket) => string | undefined) {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const reply = (line: string) => {
      const text = answer(line, socket);
      if (text !== undefined) socket.write(`${text}\r\n`);
    };
    let rest = "";
    socket.on("data", (chunk) => {
      const parts = (rest + chunk.toString()).split("\r\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        lines.push(line);
        reply(line);
      }
    });
    reply("connected");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { lines, port: (server.address() as AddressInfo).port };
}

function decoded(source: string): string {
  const body = source.indexOf("\r\n\r\n"); // before it are headers, where "=" has another meaning
  const plain = source
    .slice(body)
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return source.slice(0, body) + plain;
}
