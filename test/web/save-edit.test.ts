import { describe, expect, test } from "vitest";
import { EditPost } from "../../src/domain/post/commands.ts";
import { type BaseCommand, newId, VersionConflict } from "../../src/framework/index.ts";
import type { PostRevisionRecord } from "../../src/projections/post-revision-record.ts";
import { EditConflict } from "../../src/web/edit-conflict.ts";
import type { Questions } from "../../src/web/questions.ts";
import { saveEdit } from "../../src/web/save-edit.ts";

const aggregateId = newId();
const revision = (version: number, change: string, value: string): PostRevisionRecord => ({
  post_aggregate_id: aggregateId,
  version,
  change,
  value,
  created_at: new Date(),
});
const written = [revision(1, "title", "a"), revision(2, "content", "b")];

/** A post that changes once more each time somebody tries to save. */
function restlessPost(...changes: PostRevisionRecord[]) {
  const revisions = [...written];
  const sent: EditPost[] = [];
  const executeCommands = async (...commands: readonly BaseCommand[]) => {
    sent.push(...(commands as EditPost[]));
    const change = changes.shift();
    if (!change) return [];
    revisions.push(change);
    throw new VersionConflict(aggregateId, 2, change.version);
  };
  const queries = { ask: async () => revisions } as unknown as Questions;
  return { parts: { commandService: { executeCommands }, queries }, sent };
}

const edit = new EditPost({ aggregateId, expectedVersion: 2, title: "a", content: "B" });

describe("saving an edit while others save", () => {
  test("merges anew, onto the version it has just seen, each time under an id of its own", async () => {
    const { parts, sent } = restlessPost(revision(3, "title", "A"), revision(4, "title", "AA"));
    expect(await saveEdit(parts, edit)).toEqual({ changedByOthers: ["title"] });
    expect(sent.map(({ title, content, expectedVersion }) => [title, content, expectedVersion])).toEqual([
      ["a", "B", 2],
      ["A", "B", 3],
      ["AA", "B", 4],
    ]);
    expect(new Set(sent.map(({ commandId }) => commandId)).size).toBe(3);
  });

  test("stops where they change the same field while it merges", async () => {
    const { parts, sent } = restlessPost(revision(3, "title", "A"), revision(4, "content", "C"));
    await expect(saveEdit(parts, edit)).rejects.toThrow(EditConflict);
    expect(sent).toHaveLength(2);
  });

  test("gives up after a few times", async () => {
    const { parts, sent } = restlessPost(
      ...[3, 4, 5, 6, 7].map((version) => revision(version, "title", `${version}`)),
    );
    await expect(saveEdit(parts, edit)).rejects.toThrow(VersionConflict);
    expect(sent).toHaveLength(4);
  });
});
