import { expect, test } from "vitest";
import { newId } from "#sequent/operations";
import type { PostRevision } from "../../../../src/projections/queries.ts";
import { historyOf } from "../../../../src/web/history.ts";

const postId = newId();

function revisions(texts: readonly string[]): PostRevision[] {
  return texts.map((value, index) => ({
    post_aggregate_id: postId,
    version: index + 1,
    change: "content",
    value,
    created_at: new Date(),
    is_earlier: false,
  }));
}

test("shows the newest first, and counts those before the oldest", () => {
  const [first, ...others] = revisions(["a", "b", "c", "d"].map((text) => `${text} text`)).slice(-3);
  const { entries, older } = historyOf([{ ...(first as PostRevision), is_earlier: true }, ...others]);
  expect(entries.map(({ version }) => version)).toEqual([4, 3]);
  expect(entries.at(-1)?.changes).toContainEqual({ kind: "removed", text: "b" });
  expect(older).toBe(2);
});

test("shows no more text than a page can hold, and counts what it leaves out", () => {
  const texts = Array.from({ length: 60 }, (_, index) => "ab"[index % 2]?.repeat(40_000) ?? "");
  const { entries, older } = historyOf(revisions(texts));
  const shown = entries.flatMap(({ changes }) => (Array.isArray(changes) ? changes : []));
  expect(shown.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(300_000);
  expect(entries.length).toBeGreaterThan(1);
  expect(entries.length + older).toBe(60);
});
