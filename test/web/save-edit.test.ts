import { describe, expect, test } from "vitest";
import { EditPost } from "../../src/domain/post/commands.ts";
import { type BaseCommand, newId, VersionConflict } from "../../src/framework/index.ts";
import { EditConflict } from "../../src/web/edit-conflict.ts";
import type { Questions } from "../../src/web/questions.ts";
import { saveEdit } from "../../src/web/save-edit.ts";

const aggregateId = newId();
/** What the title and the text of a post become with one more version. */
type Change = { readonly title: string } | { readonly content: string };

/** A post that changes once more each time somebody tries to save. */
function restlessPost(...changes: Change[]) {
  const versions = [{ version: 2, title: "a", content: "b" }];
  const newest = () => versions.at(-1) ?? { version: 0, title: "", content: "" };
  const sent: EditPost[] = [];
  const executeCommands = async (...commands: readonly BaseCommand[]) => {
    sent.push(...(commands as EditPost[]));
    const change = changes.shift();
    if (!change) return [];
    versions.push({ ...newest(), ...change, version: newest().version + 1 });
    throw new VersionConflict(aggregateId, 2, newest().version);
  };
  const ask = async (query: { type: string; version?: number }) =>
    query.type === "PostById" ? newest() : versions.find(({ version }) => version === query.version);
  const queries = { ask } as unknown as Questions;
  return { parts: { commandService: { executeCommands }, queries }, sent };
}

const edit = new EditPost({ aggregateId, expectedVersion: 2, title: "a", content: "B" });

describe("saving an edit while others save", () => {
  test("merges anew, onto the version it has just seen, each time under an id of its own", async () => {
    const { parts, sent } = restlessPost({ title: "A" }, { title: "AA" });
    expect(await saveEdit(parts, edit)).toEqual({ changedByOthers: ["title"] });
    expect(sent.map(({ title, content, expectedVersion }) => [title, content, expectedVersion])).toEqual([
      ["a", "B", 2],
      ["A", "B", 3],
      ["AA", "B", 4],
    ]);
    expect(new Set(sent.map(({ commandId }) => commandId)).size).toBe(3);
  });

  test("stops where they change the same field while it merges", async () => {
    const { parts, sent } = restlessPost({ title: "A" }, { content: "C" });
    await expect(saveEdit(parts, edit)).rejects.toThrow(EditConflict);
    expect(sent).toHaveLength(2);
  });

  test("gives up after a few times", async () => {
    const { parts, sent } = restlessPost(...[3, 4, 5, 6, 7].map((version) => ({ title: `${version}` })));
    await expect(saveEdit(parts, edit)).rejects.toThrow(VersionConflict);
    expect(sent).toHaveLength(4);
  });
});
