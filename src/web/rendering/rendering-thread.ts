import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { HttpError } from "../errors/http-errors.ts";
import type { Works } from "./rendering-worker.ts";

const patience = 5_000;
/** A task that needs more memory ends the thread, not the program. */
const resourceLimits = { maxOldGenerationSizeMb: 300, maxYoungGenerationSizeMb: 16 };

/** Too many tasks are waiting. */
export class RenderingBusy extends HttpError {
  readonly status = 503;
  readonly title = "The blog needs a moment";
  override readonly detail = "Many long texts are asked for right now. Please try again in a few seconds.";
}

/** Runs long tasks in a thread, so other requests need not wait for them. The thread starts with the first task. */
export class RenderingThread {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task after all earlier ones: `await thread.run("renderMarkdown", text)`. */
  run<Name extends keyof Works>(
    name: Name,
    ...args: Parameters<Works[Name]>
  ): Promise<ReturnType<Works[Name]>> {
    const asked = performance.now();
    const result = this.#last.then(() => {
      if (performance.now() - asked > patience) throw new RenderingBusy();
      return this.#work({ name, args });
    });
    this.#last = result.catch(() => {}); // the caller gets the error
    return result as Promise<ReturnType<Works[Name]>>;
  }

  async #work(task: object): Promise<unknown> {
    this.#worker ??= this.#start();
    this.#worker.postMessage(task);
    const [result] = await once(this.#worker, "message"); // or throws the error that ends the thread
    return result;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./rendering-worker.js", import.meta.url), { resourceLimits });
    // The next task gets a new thread. A task that waits for this one fails with the error.
    const forget = () => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    worker.on("error", forget).once("exit", forget);
    worker.unref(); // it must not keep the program from ending
    return worker;
  }
}
