import { expect, test } from "vitest";
import { ClientNotInstalled, client } from "../../../src/brokers/client.ts";

test("a client that is not installed is an error that says what to install", async () => {
  const load = () => import("no-such-package" as string);
  const missing = client(load, "nats", ["one@1.0.0", "two@2.0.0"]);
  await expect(missing).rejects.toThrow(ClientNotInstalled);
  await expect(missing).rejects.toThrow("nats://, install its client: npm install one@1.0.0 two@2.0.0");
});
