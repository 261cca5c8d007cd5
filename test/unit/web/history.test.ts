import { expect, test } from "vitest";
import { newId } from "../../../src/framework/index.ts";
import type { PostRevisionRecord } from "../../../src/projections/queries.ts";
import { historyOf } from "../../../src/web/history.ts";

const postId = newId();

function revisions(texts: readonly string[]): PostRevisionRecord[] {
  return texts.map((value, index) => ({
    post_aggregate_id: postId,
    version: index + 1,
    change: "content",
    value,
    created_at: new Date(),
  }));
}

test("shows the newest hundred changes", () => {
  const { entries, older } = historyOf(revisions(Array.from({ length: 120 }, (_, index) => `text ${index}`)));
  expect(entries).toHaveLength(100);
  expect(entries[0]?.version).toBe(120);
  expect(older).toBe(20);
});

test("shows no more text than a page can hold, and counts what it leaves out", () => {
  const texts = Array.from({ length: 60 }, (_, index) => `${index}${"<>"[index % 2]}`.repeat(20_000));
  const { entries, older } = historyOf(revisions(texts));
  const shown = entries.flatMap(({ changes }) => changes ?? []).map(({ text }) => text.length);
  expect(shown.reduce((sum, length) => sum + length, 0)).toBeLessThan(800_000);
  expect(entries.length).toBeGreaterThan(1);
  expect(entries.length + older).toBe(60);
});
