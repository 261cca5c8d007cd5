import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { OwnServer } from "./own-server.ts";

/**
 * Without `DATABASE_URL`, all tests of a run share a server that npm brings. It starts when the first of them asks for it: the
 * specs of a domain need none, so they do not wait for it.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["DATABASE_URL"]) return undefined;
  let started: Promise<OwnServer> | undefined;
  const door = createServer(async (socket) => {
    started ??= start();
    try {
      socket.end((await started).url);
    } catch (error) {
      socket.end(`It did not start: ${error}`);
    }
  });
  await once(door.listen(0, "127.0.0.1"), "listening");
  process.env["TEST_SERVER_PORT"] = String((door.address() as AddressInfo).port);
  return async () => {
    door.close();
    await (await started)?.remove();
  };
}

/** The address of the server for the tests. */
export async function databaseUrl(): Promise<string> {
  const given = process.env["DATABASE_URL"];
  if (given) return given;
  const answer = await text(connect(Number(process.env["TEST_SERVER_PORT"]), "127.0.0.1"));
  if (!answer.startsWith("postgres:")) throw new Error(answer);
  return answer;
}

async function start(): Promise<OwnServer> {
  const server = await OwnServer.create();
  await server.start();
  return server;
}
