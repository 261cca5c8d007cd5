import { OwnServer } from "./own-server.ts";

/** Without `DATABASE_URL`, all tests of a run share a server that npm brings. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["DATABASE_URL"]) return undefined;
  const server = await OwnServer.create();
  await server.start();
  process.env["DATABASE_URL"] = server.url;
  return () => server.remove();
}
