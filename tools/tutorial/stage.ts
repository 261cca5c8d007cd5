import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterOf } from "../../src/database/embedded/place.ts";
import { isRunning } from "../../src/database/embedded/server.ts";
import { OwnServer } from "../../test/support/own-server.ts";
import type { SystemServer } from "../../test/support/system-server.ts";
import { NotFollowed } from "./acts.ts";
import { Windows } from "./browser.ts";
import type { Step } from "./chapters.ts";
import { Pictures } from "./pictures.ts";
import { serverFor } from "./postgres.ts";
import { Project } from "./project.ts";
import { Quality } from "./quality.ts";
import { State } from "./state.ts";
import { freePorts, Terminal } from "./terminal.ts";
import { NotAsTold, Walk } from "./walk.ts";

interface Servers {
  /** The one at localhost:5432, if the steps need it. */
  readonly asTold: SystemServer | undefined;
  readonly ofTests: OwnServer;
}

/** A project in a new folder, with a terminal and a browser: all that it takes to play steps. */
export class Stage {
  readonly project: Project;
  readonly terminal: Terminal;
  readonly #place: string;
  readonly #browser: Windows;
  readonly #quality = new Quality();
  readonly #servers: Servers;
  #walk: Walk | undefined;

  private constructor(root: string, place: string, port: number, servers: Servers, isWriting: boolean) {
    this.#place = place;
    this.project = new Project(place, root);
    this.terminal = new Terminal(
      this.project.folder,
      port,
      servers.asTold && new URL(servers.asTold.url).port,
    );
    this.terminal.testDatabase = servers.ofTests.url;
    this.#servers = servers;
    this.#browser = new Windows(new Pictures(root, isWriting));
  }

  /** @param steps those that will be played. */
  static async open(root: string, steps: readonly Step[], isWriting = false): Promise<Stage> {
    const asTold = await serverFor(steps);
    const ofTests = await OwnServer.create();
    await ofTests.start();
    const place = realpathSync(mkdtempSync(join(tmpdir(), "tutorial-")));
    return new Stage(root, place, await freePorts(), { asTold, ofTests }, isWriting);
  }

  /** Begins with the files after the steps before, from the prose alone; or before any project, if a step makes it. */
  async begin(before: readonly Step[], steps: readonly Step[]): Promise<void> {
    if (makesProject(steps)) {
      this.project.cloneTemplate();
      this.terminal.folder = this.project.template;
      this.#walk = this.#walkFrom(undefined);
      return;
    }
    this.project.make();
    const state = new State(this.project.texts());
    await state.applySteps(before);
    this.project.write(state.files);
    await this.#goOnFrom(before, state);
  }

  /** Begins with what is in the folder of the project, as it is after the steps before. */
  async beginHere(before: readonly Step[]): Promise<void> {
    await this.#goOnFrom(before, new State(this.project.texts()));
  }

  /** Plays a step. Returns what is not as told. Types and format of the step are checked while the next one is played. */
  async play(step: Step): Promise<string | undefined> {
    const problem = await problemOf(async () => this.#walk?.play(step));
    if (problem !== undefined) return `${step.page}, ${problem}`;
    if (this.#walk?.files) this.#quality.check(step, this.#walk.files);
    return this.#quality.problem;
  }

  /** What types and format of the steps have to say. */
  quality(): Promise<string | undefined> {
    return this.#quality.result();
  }

  /** Stops all programs, and starts them again when the work is done. */
  async pausedFor(before: readonly Step[], work: () => void): Promise<void> {
    await this.terminal.close();
    const cluster = clusterOf(join(this.project.folder, "data"));
    for (const end = Date.now() + 30_000; isRunning(cluster) && Date.now() < end; ) await sleep(100); // Postgres ends after it
    work();
    await this.#walk?.startAgain(before);
  }

  /** @param keepsFolder whether the project stays. */
  async close(keepsFolder = false): Promise<void> {
    await Promise.allSettled([this.#quality.close(), this.#browser.close(), this.terminal.close()]);
    await Promise.allSettled([this.#servers.asTold?.remove(), this.#servers.ofTests.remove()]);
    if (!keepsFolder) rmSync(this.#place, { recursive: true, force: true });
  }

  #walkFrom(state: State | undefined): Walk {
    return new Walk(this.project, this.terminal, this.#browser, state);
  }

  async #goOnFrom(before: readonly Step[], state: State): Promise<void> {
    this.#walk = this.#walkFrom(state);
    await this.#walk.startAgain(before);
  }
}

/** What is not as told. Any other error is one of the program. */
export async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof NotAsTold) return `line ${error.act.line}: ${error.act.sentence}\n${error.message}`;
    if (error instanceof NotFollowed) return error.message;
    throw error;
  }
}

function makesProject(steps: readonly Step[]): boolean {
  const acts = steps.flatMap(({ acts }) => acts);
  return acts.some(
    (act) => act.kind === "run" && act.commands.some(({ line }) => line.startsWith("npm run new")),
  );
}
