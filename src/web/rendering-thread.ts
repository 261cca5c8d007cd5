import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { HttpError } from "./http-errors.ts";
import type { Works } from "./rendering-worker.ts";

const patience = 5_000;
/** What takes more memory ends the thread, and not the program. */
const resourceLimits = { maxOldGenerationSizeMb: 300, maxYoungGenerationSizeMb: 16 };

/** Others have asked for so much that it is not worth waiting. */
export class RenderingBusy extends HttpError {
  readonly status = 503;

  constructor() {
    super("Many long texts are asked for right now. Please try again in a few seconds.");
  }
}

/** A thread for what takes long, so that nobody else has to wait for it. It is started when it is first needed. */
export class RenderingThread {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Does this after what was asked before: `await thread.run("renderMarkdown", text)`. */
  run<Name extends keyof Works>(
    name: Name,
    ...args: Parameters<Works[Name]>
  ): Promise<ReturnType<Works[Name]>> {
    const asked = performance.now();
    const result = this.#last.then(() => {
      if (performance.now() - asked > patience) throw new RenderingBusy();
      return this.#work({ name, args });
    });
    this.#last = result.catch(() => {}); // heard by who asked for it
    return result as Promise<ReturnType<Works[Name]>>;
  }

  async #work(task: object): Promise<unknown> {
    this.#worker ??= startWorker();
    const worker = this.#worker;
    const ended = new AbortController();
    const onExit = () => ended.abort();
    worker.once("exit", onExit);
    try {
      worker.postMessage(task);
      const [result] = await once(worker, "message", ended); // or throws what ended the thread
      return result;
    } catch (error) {
      this.#worker = undefined; // what is asked next gets a new one
      throw error;
    } finally {
      worker.off("exit", onExit);
    }
  }
}

function startWorker(): Worker {
  const worker = new Worker(new URL("./rendering-worker.js", import.meta.url), { resourceLimits });
  worker.on("error", () => {}); // who waits for it hears of it
  worker.unref(); // it keeps no program from ending
  return worker;
}
