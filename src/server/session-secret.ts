import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "#sequent/operations";

/**
 * Makes a secret to sign cookies if none is set, once, and keeps it in the data directory, so cookies are valid after a restart.
 * If several processes start at once, one of them makes it: a link is complete when it appears, and never replaces another.
 */
export async function keptSessionSecret(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, "session-secret");
  const known = await read(file);
  if (known !== undefined) return known;

  await mkdir(dataDirectory, { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await unlink(draft);
  }
  return (await read(file)) ?? keptSessionSecret(dataDirectory);
}

async function read(file: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(file, "utf8")).trim();
    if (secret.length >= 32) return secret;
    throw new Error(
      `${file} holds no secret of at least 32 characters. Delete it, and the blog makes a new one.`,
    );
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
