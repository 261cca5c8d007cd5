import { generate } from "../generate/kinds.ts";
import type { Files } from "../rendering/committed-files.ts";
import { Tree } from "../tree.ts";

/** A starter has one aggregate, as the generators make it. It belongs to the user from the first minute: no update brings it again. */
export function withExample(files: Files): Files {
  const texts = [...files].filter(([, { content }]) => !content.includes(0));
  const tree = new Tree(new Map(texts.map(([path, { content }]) => [path, content.toString()])));
  generate(tree, "aggregate", ["Post", "title:string(notBlank,maxLength(120))", "content:text(notBlank)"]);
  generate(tree, "projection", ["Post"]);
  const changes = [...tree.changes].map(([path, text]) => {
    const mode = files.get(path)?.mode ?? "100644";
    return [path, { mode, content: Buffer.from(text) }] as const;
  });
  return new Map([...files, ...changes]);
}
