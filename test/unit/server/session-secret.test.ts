import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keptSessionSecret } from "../../../src/server/session-secret.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "session-secret-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("the secret is made once and kept", async () => {
  const data = join(directory, "not", "there", "yet");
  const secret = await keptSessionSecret(data);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(await keptSessionSecret(data)).toBe(secret);
});

test("only its owner may read it, and no temporary file is left", async () => {
  await keptSessionSecret(directory);
  const { mode } = await stat(join(directory, "session-secret"));
  if (process.platform !== "win32") expect(mode & 0o777).toBe(0o600); // there, the folder of the user is their own
  expect(await readdir(directory)).toEqual(["session-secret"]);
});

test("processes that start at once agree on one secret", async () => {
  const secrets = await Promise.all(Array.from({ length: 50 }, () => keptSessionSecret(directory)));
  expect(new Set(secrets).size).toBe(1);
});

test("a file without a secret is not used", async () => {
  await writeFile(join(directory, "session-secret"), "short\n");
  await expect(keptSessionSecret(directory)).rejects.toThrow(/Delete it/);
});
