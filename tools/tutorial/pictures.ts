import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { folder } from "./chapters.ts";
import { withoutShapes } from "./shapes.ts";

const keyword = "Page text";

/**
 * The pictures of pages. No pixels are compared, as they differ from machine to machine. A picture carries a hash of the text of
 * its page, and is out of date if the page has another text.
 */
export class Pictures {
  readonly #root: string;
  readonly #isWriting: boolean;

  constructor(root: string, isWriting: boolean) {
    this.#root = root;
    this.#isWriting = isWriting;
  }

  /** @param path as in the text, such as `images/1-3-post.png`. */
  async check(path: string, page: string, take: () => Promise<Buffer>): Promise<void> {
    const file = join(this.#root, folder, path);
    const hash = createHash("sha256").update(withoutShapes(page)).digest("hex").slice(0, 16);
    const isThere = existsSync(file);
    if (isThere && hashIn(readFileSync(file)) === hash) return;
    if (!this.#isWriting)
      throw new Error(
        `${isThere ? "The page has another text than when the picture was taken" : "There is no such picture"}: ${path}. Take it: npm run tutorial -- check --write`,
      );
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, withHash(await take(), hash));
  }
}

/** PNG: eight bytes, then chunks of length, type, content and checksum. The first one is the header, of 25 bytes. */
export function withHash(png: Buffer, hash: string): Buffer {
  const content = Buffer.from(`tEXt${keyword}\0${hash}`, "latin1");
  const chunk = Buffer.alloc(content.length + 8);
  chunk.writeUInt32BE(content.length - 4);
  content.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(content), content.length + 4);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

export function hashIn(png: Buffer): string | undefined {
  return new RegExp(`tEXt${keyword}\0([0-9a-f]{16})`).exec(png.toString("latin1", 33, 200))?.[1];
}
