import { Worker } from "node:worker_threads";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Revision } from "../../../../src/web/editing/history.ts";
import { problemOf } from "../../../../src/web/errors/problem.ts";
import { renderMarkdown } from "../../../../src/web/rendering/markdown.ts";
import { Rendering } from "../../../../src/web/rendering/rendering.ts";
import { RenderingBusy, RenderingThread } from "../../../../src/web/rendering/rendering-thread.ts";
import { words } from "../../../support/nasty-texts.ts";

let posted = vi.spyOn(Worker.prototype, "postMessage");
beforeEach(() => {
  posted = vi.spyOn(Worker.prototype, "postMessage");
});

describe("a text", () => {
  test("that is long is rendered in a thread, once for all requests", async () => {
    const rendering = new Rendering();
    const text = "It is *green*. ".repeat(1_000);
    const pages = [
      ...(await Promise.all([rendering.textOf(text), rendering.textOf(text)])),
      await rendering.textOf(text),
    ];
    for (const page of pages) expect(page).toEqual(renderMarkdown(text));
    expect(posted).toHaveBeenCalledTimes(1);
  });

  test("that is short needs no thread", async () => {
    const { html, excerpt } = await new Rendering().textOf("It is *green*.");
    expect([html, excerpt]).toEqual(["<p>It is <em>green</em>.</p>\n", "It is green."]);
    expect(posted).not.toHaveBeenCalled();
  });
});

test("each different history is rendered once", async () => {
  const rendering = new Rendering();
  const historyOf = (each: readonly Revision[]) =>
    rendering.historyOf(each, { aggregateType: "Post", labels: {}, events: {} });
  const created_at = new Date();
  const revisions = (...texts: string[]): Revision[] =>
    texts.map((content, index) => ({
      ...{ version: index + 1, event_type: "PostContentChanged", created_at },
      ...{ payload: { content }, is_earlier: false },
    }));
  const first = await historyOf(revisions("It is green.", "It is brown."));
  expect(await historyOf(revisions("It is green.", "It is brown."))).toBe(first);
  expect(posted).toHaveBeenCalledTimes(1);
  const replayed = await historyOf(revisions("It is green.", "It is black."));
  expect(replayed.entries[0]?.values[0]?.changes).toContainEqual({ kind: "added", text: "black" });
});

test("a thread that ended is replaced, and only the requests that waited for it fail", async () => {
  const thread = new RenderingThread();
  await expect(thread.run("renderMarkdown", undefined as unknown as string)).rejects.toThrow();
  expect(await thread.run("renderMarkdown", "a")).toMatchObject({ html: "<p>a</p>\n" });
});

test("a thread that ended while it had nothing to do is replaced, too", async () => {
  const thread = new RenderingThread();
  await thread.run("renderMarkdown", "a");
  await (posted.mock.contexts[0] as Worker).terminate();
  expect(await thread.run("renderMarkdown", "b")).toMatchObject({ html: "<p>b</p>\n" });
});

test("a request that would wait for long is refused with what to do, without any work", async () => {
  const thread = new RenderingThread();
  const first = thread.run("changesBetween", words(1), words(2));
  await vi.waitFor(() => expect(posted).toHaveBeenCalledTimes(1));
  const second = thread.run("renderMarkdown", "a");
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 6_000);
  await expect(second).rejects.toThrow(RenderingBusy);
  const detail = expect.stringMatching(/long texts .* try again/);
  expect(problemOf(await second.catch((error) => error))).toMatchObject({ status: 503, detail });
  expect(await first).toBeUndefined();
  expect(posted).toHaveBeenCalledTimes(1);
});
