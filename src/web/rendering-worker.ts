import { parentPort } from "node:worker_threads";
import { changesBetween } from "./changes.ts";
import { historyOf } from "./history.ts";
import { renderMarkdown } from "./markdown.ts";

/** What takes too long for the thread that answers requests. */
const works = { renderMarkdown, changesBetween, historyOf };

export type Works = typeof works;

// What throws ends this thread, and who asked is told: see RenderingThread.
parentPort?.on("message", ({ name, args }: { name: keyof Works; args: never }) => {
  const work = works[name] as (...args: unknown[]) => unknown;
  parentPort?.postMessage(work(...(args as unknown[])));
});
