import { createTwoFilesPatch } from "diff";
import { formatted } from "../work-tree.ts";
import { nameOf, stepNamed } from "./chapters.ts";
import { filesAfter } from "./goto.ts";
import { distance, touchedBy } from "./position.ts";
import { textsOfFolder } from "./project.ts";
import { type Reader, textsOf } from "./reader.ts";
import { statesAfter } from "./state.ts";

/** Shows what differs from a step, or else from the one where the reader is, apart from white space and the order of imports. */
export async function showDifference(reader: Reader, name?: string): Promise<void> {
  const step = name === undefined ? (await reader.position()).step : stepNamed(reader.steps, name);
  const base = textsOf(reader.base());
  const touched = touchedBy(base, await statesAfter(base, reader.steps));
  const told = await filesAfter(base, reader.steps, step);
  const yours = textsOfFolder(reader.folder);
  const others = touched.filter((path) => distance(told.get(path), yours.get(path)) > 0);
  if (others.length === 0) return console.log(`Your files are as they are at the end of ${nameOf(step)}.`);
  console.log(`From the files at the end of ${nameOf(step)} (-) to yours (+):\n`);
  for (const path of others)
    console.log(
      createTwoFilesPatch(
        ...[`told/${path}`, `yours/${path}`],
        told.get(path) ?? "",
        await inOurFormat(path, yours.get(path) ?? ""),
        ...[undefined, undefined],
        { context: 3, ignoreWhitespace: true },
      ).replace(/^=+\n/, ""),
    );
}

/** Also with the imports in our order. What cannot be read stays as it is. */
async function inOurFormat(path: string, text: string): Promise<string> {
  try {
    return (await formatted(new Map([[path, text]]))).get(path) ?? text;
  } catch {
    return text;
  }
}
