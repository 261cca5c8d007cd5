import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ReplayNotPossible, type ReplayPart } from "#sequent/operations";
import type { WorkerMessage } from "./replay-worker.ts";

/** A worker runs in the same way as the process that starts it: as one file or, from the sources, with the same options. */
const isOneFile = !process.argv[1]?.endsWith(".ts");
const file = fileURLToPath(new URL(isOneFile ? "./replay-worker.js" : "./replay-worker.ts", import.meta.url));

/** Most objects live only for a moment. With a large young generation, the garbage collector has half the work. */
const memory = ["--max-semi-space-size=32", "--max-old-space-size=320"];

/** Processes that replay parts, one part at a time each. If all are busy, another one is started. */
export class ReplayWorkers {
  readonly #idle: ChildProcess[] = [];
  readonly #all: ChildProcess[] = [];

  readonly run = async (part: ReplayPart, onEvents: (events: number) => void): Promise<void> => {
    const idle = this.#idle.pop();
    const worker = idle?.connected ? idle : this.#start();
    await this.#work(worker, part, onEvents);
    this.#idle.push(worker);
  };

  end(): void {
    for (const worker of this.#all) if (worker.connected) worker.disconnect();
  }

  #start(): ChildProcess {
    // Options such as --inspect are meant for the process that was started by hand.
    const { NODE_OPTIONS: _, ...env } = process.env;
    const options = isOneFile ? [] : process.execArgv.filter((option) => !option.startsWith("--inspect"));
    const stdio: StdioOptions = ["ignore", "inherit", "inherit", "ipc"];
    const worker = spawn(process.execPath, [...memory, ...options, file], { env, stdio });
    this.#all.push(worker);
    return worker;
  }

  #work(worker: ChildProcess, part: ReplayPart, onEvents: (events: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const onMessage = (message: WorkerMessage) => {
        if (message.kind === "events") return onEvents(message.events);
        worker.off("message", onMessage).off("exit", onExit);
        if (message.kind === "done") resolve();
        else reject(new ReplayNotPossible(message.why));
      };
      const onExit = (code: number | null, signal: string | null) =>
        reject(
          new ReplayNotPossible(
            `A worker ended (${signal ?? code}). The work so far is kept: run the same command to resume.`,
          ),
        );
      worker.on("message", onMessage).once("exit", onExit);
      worker.send(part);
    });
  }
}
