import { setTimeout as sleep } from "node:timers/promises";
import type { Act, Look } from "./acts.ts";
import type { Step } from "./chapters.ts";
import { missingIn } from "./excerpt.ts";
import type { Project } from "./project.ts";
import { isMeant, stillRunning } from "./running.ts";
import { Ids, printed, seen } from "./shapes.ts";
import { State } from "./state.ts";
import type { Background, Terminal } from "./terminal.ts";
import type { Visit } from "./visits.ts";

/** Something is not as it is told. */
export class NotAsTold extends Error {
  readonly act: Act;

  constructor(act: Act, problem: string) {
    super(problem);
    this.act = act;
  }
}

interface Browser {
  visit(visit: Visit, ids: Ids, address: (told: string) => string): Promise<Ids>;
}

/** What a program prints that watches the files. */
const begun = /Restarting|Rerunning/;

/** Does what the steps say, one after the other, in a project and a terminal. */
export class Walk {
  readonly #project: Project;
  readonly #terminal: Terminal;
  readonly #browser: Browser;
  readonly #patience: number;
  #state: State | undefined;
  /** Those of the step, and of all before it. */
  #ids = new Ids();
  /** How much the programs that run had printed when a file changed. */
  #stale = new Map<Background, number>();
  #watched = new Map<Background, number>();

  /** @param patience how many seconds to wait for what a program prints. */
  constructor(project: Project, terminal: Terminal, browser: Browser, state?: State, patience = 30) {
    this.#patience = patience;
    this.#project = project;
    this.#terminal = terminal;
    this.#browser = browser;
    this.#state = state;
  }

  get files(): ReadonlyMap<string, string> | undefined {
    return this.#state?.files;
  }

  async play(step: Step): Promise<void> {
    this.#ids = new Ids();
    for (const act of step.acts) {
      if (act.kind === "edit") await this.#edit(act);
      else {
        this.#settle();
        await this.#do(act);
      }
    }
    this.#settle();
    const last = step.acts.at(-1);
    if (last) this.#compareFiles(last);
  }

  /** The programs that go on running after these steps. */
  async startAgain(steps: readonly Step[]): Promise<void> {
    for (const act of stillRunning(steps.flatMap(({ acts }) => acts)))
      await this.#start(act, ["...", ...act.command.output.slice(-1)]);
  }

  async #edit(act: Act): Promise<void> {
    if (!this.#state) throw new NotAsTold(act, "There is no project yet: npm run new -- ../blog makes it.");
    await this.#state.apply(act);
  }

  #settle(): void {
    const changes = this.#state?.settle() ?? new Map<string, string>();
    if ([...changes.keys()].some((path) => /^(src|views)\//.test(path))) this.#expectRestart();
    this.#project.write(changes);
  }

  #expectRestart(): void {
    for (const each of this.#terminal.running)
      if (/npm run dev/.test(each.line)) this.#stale.set(each, each.output.length);
  }

  /** A program that watches the files begins again. One that does not use the file goes on. */
  async #restarted(): Promise<void> {
    for (const [process, from] of this.#stale) {
      const begins = await process.until((output) => begun.exec(output.slice(from)) ?? undefined, 3);
      const isReady = (output: string) => output.split(begun).at(-1)?.includes(" is at http");
      if (begins) await process.until((output) => isReady(output) || undefined, this.#patience);
    }
    this.#stale.clear();
  }

  async #do(act: Exclude<Act, { kind: "edit" }>): Promise<void> {
    switch (act.kind) {
      case "look":
        return this.#look(act);
      case "run":
        for (const { line, output } of act.commands) await this.#run(act, line, output, act.fails);
        if (this.#state) await this.#state.apply(act);
        else if (this.#project.isThere) this.#state = new State(this.#project.texts());
        return;
      case "start":
        return this.#start(act);
      case "stop":
        return this.#stop(act);
      case "watch":
        return this.#watch(act);
      case "visit": {
        await this.#restarted();
        try {
          this.#ids = await this.#browser.visit(act, this.#ids, (told) => this.#terminal.here(told));
        } catch (error) {
          throw new NotAsTold(act, [(error as Error).message, ...this.#lastPrinted()].join("\n\n"));
        }
      }
    }
  }

  /** What the second terminal shows: it may say why there is no page. */
  #lastPrinted(): string[] {
    return this.#terminal.running.map(
      ({ line, output }) => `$ ${line}\n${output.split("\n").slice(-20).join("\n")}`,
    );
  }

  #look(act: Act & Look): void {
    const text = this.#state?.files.get(act.path);
    if (text === undefined) throw new NotAsTold(act, "There is no such file.");
    const missing = missingIn(act.excerpt, text);
    if (missing !== undefined)
      throw new NotAsTold(act, `Not there, or not at this place:\n${missing}\n\nThe file:\n${text}`);
  }

  async #run(act: Act, line: string, told: readonly string[], fails: boolean): Promise<void> {
    if (line.includes("localhost")) await this.#restarted();
    if (line.startsWith("npm run generate")) this.#expectRestart();
    const { code, output } = await this.#terminal.run(this.#ids.in(line));
    const what = `$ ${line}\n${output.trimEnd()}`;
    if (fails && code === 0) throw new NotAsTold(act, `It did not fail:\n${what}`);
    if (!fails && code !== 0) throw new NotAsTold(act, `It failed, with exit code ${code}:\n${what}`);
    if (told.length === 0) return;
    const result = printed(told, output, this.#ids);
    if ("missing" in result)
      throw new NotAsTold(
        act,
        `It does not print this line, or not at this place:\n  ${result.missing}\n\n${what}`,
      );
    this.#ids = result.ids;
  }

  async #start(act: Act & { kind: "start" }, told = act.command.output): Promise<void> {
    const { line } = act.command;
    if (this.#terminal.running.some((each) => each.line === line))
      throw new NotAsTold(
        act,
        `${line} runs already: a second one would find the port taken. Stop it before.`,
      );
    const process = this.#terminal.start(line);
    const found = await process.until((output) => {
      const result = printed([...told, "..."], output, this.#ids);
      return "ids" in result ? result : undefined;
    }, 2 * this.#patience);
    if (!found)
      throw new NotAsTold(
        act,
        `${process.isRunning ? "It is not ready" : "It has ended"}:\n${process.output}`,
      );
    this.#ids = found.ids;
    this.#watched.set(process, process.output.length);
  }

  async #stop(act: Act & { kind: "stop" }): Promise<void> {
    const process = this.#terminal.running.findLast(({ line }) => isMeant(act, line));
    if (!process) throw new NotAsTold(act, "It does not run.");
    await process.stop();
  }

  async #watch(act: Act & { kind: "watch" }): Promise<void> {
    const process = this.#terminal.running.at(-1);
    if (!process) throw new NotAsTold(act, "Nothing runs in the second terminal.");
    const from = this.#watched.get(process) ?? 0;
    const isNew = (output: string) => output.slice(from);
    if (act.output.length === 0) {
      await this.#restarted();
      await sleep(1_000);
      if (isNew(process.output).trim() !== "")
        throw new NotAsTold(act, `It has printed:\n${isNew(process.output)}`);
      return;
    }
    const found = await process.until((output) => {
      const result = seen(act.output, isNew(output), this.#ids);
      return "ids" in result ? result : undefined;
    }, this.#patience);
    if (!found)
      throw new NotAsTold(act, `It has not printed that, or not in this order:\n${isNew(process.output)}`);
    this.#ids = found.ids;
    this.#watched.set(process, process.output.length);
  }

  /** `goto` knows only the prose, so the prose has to say all. */
  #compareFiles(act: Act): void {
    if (!this.#state) return;
    const there = this.#project.texts();
    const paths = new Set([...there.keys(), ...this.#state.files.keys()]);
    const others = [...paths].filter((path) => there.get(path) !== this.#state?.files.get(path));
    if (others.length > 0)
      throw new NotAsTold(
        act,
        `At the end of the step these files are others than the sentences say. Only edits and npm run generate may change files:\n  ${others.join("\n  ")}`,
      );
  }
}
