import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hashIn, Pictures, withHash } from "../../../../tools/tutorial/pictures.ts";

/** One white pixel. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==",
  "base64",
);
const take = async () => png;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "pictures-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test("a picture carries the hash of its page, and is a picture still", () => {
  const made = withHash(png, "0123456789abcdef");
  expect(hashIn(made)).toBe("0123456789abcdef");
  expect(hashIn(png)).toBeUndefined();
  expect(made.subarray(0, 33)).toEqual(png.subarray(0, 33));
  expect(made.subarray(-12).toString("latin1")).toContain("IEND");
});

test("a picture is taken if it is missing or its page has changed, but for times and ids", async () => {
  const root = folder();
  const file = join(root, "docs/tutorial/images/1.png");
  await expect(new Pictures(root, false).check("images/1.png", "Trees", take)).rejects.toThrow(
    /There is no such picture: images\/1\.png.*check --write/,
  );
  expect(existsSync(file)).toBe(false);
  await new Pictures(root, true).check("images/1.png", "Trees, 28 November 2026", take);
  const taken = readFileSync(file);
  await new Pictures(root, false).check("images/1.png", "Trees, 1 May 2027", take);
  await expect(new Pictures(root, false).check("images/1.png", "Flowers", take)).rejects.toThrow(
    /another text/,
  );
  await new Pictures(root, true).check("images/1.png", "Flowers", take);
  expect(hashIn(readFileSync(file))).not.toBe(hashIn(taken));
});
