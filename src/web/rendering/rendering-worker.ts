import { parentPort } from "node:worker_threads";
import { changesBetween } from "../editing/changes.ts";
import { historyOf } from "../editing/history.ts";
import { renderMarkdown } from "./markdown.ts";

/** Tasks that take too long for the thread that answers requests. */
const works = { renderMarkdown, changesBetween, historyOf };

export type Works = typeof works;

// An error ends this thread, and the caller gets it: see RenderingThread.
parentPort?.on("message", ({ name, args }: { name: keyof Works; args: unknown[] }) => {
  const work = works[name] as (...args: unknown[]) => unknown;
  parentPort?.postMessage(work(...args));
});
