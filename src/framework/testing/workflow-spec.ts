import { causeOf, type WorkflowClass, WorkflowRun } from "../commands/workflow.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import { checkCommand } from "../messages/check-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import { type Expected, expectMessages, pointingAtTest } from "./expected.ts";
import { type BeforeEach, SpecTime } from "./spec-time.ts";

interface WorkflowSpecOptions {
  readonly beforeEach: BeforeEach;
  readonly workflows: readonly WorkflowClass[];
}

export interface WorkflowSpec {
  /** Sets the time for everything after it: `at("2026-11-20T09:00:00Z")`. */
  at(time: Date | string): void;
  when(...events: readonly BaseEvent[]): Promise<void>;
  /** Runs the tasks after the commit. Without it, the unit of work counts as rolled back. */
  whenCommitted(): Promise<void>;
  /**
   * Compares all commands since the last `when`, in order. A derived `aggregateId` is not compared. If only some values matter, use a
   * pattern: `AddPost.like({ title: "Hello" })`. If none do, use the class.
   */
  thenCommands(...expected: readonly Expected<BaseCommand>[]): void;
}

/**
 * The words for the specs of workflows:
 *
 *     const { when, whenCommitted, thenCommands } = workflowSpec({ beforeEach, workflows: [welcomeWorkflow(mailer)] });
 *
 *     test("a new author gets a first post and a mail", async () => {
 *       await when(AuthorAdded.of(author));
 *       thenCommands(new AddPost({ authorAggregateId: author, title: "Hello", content: "…" }));
 *       await whenCommitted();
 *       expect(mailer.welcomed).toEqual([author]);
 *     });
 */
export function workflowSpec({ beforeEach, workflows }: WorkflowSpecOptions): WorkflowSpec {
  let commands: readonly BaseCommand[] = [];
  let run = new WorkflowRun(workflows);
  let time = new SpecTime();
  beforeEach(() => {
    commands = [];
    run = new WorkflowRun(workflows);
    time = new SpecTime();
    return () => run.throwRefused();
  });
  const execute = async (more: readonly BaseCommand[]) => {
    for (const command of more) command.dateBy(time.now);
    commands = [...commands, ...more];
    for (const command of more) await checkCommand(command);
  };
  return {
    at: (instant) => time.set(instant),
    async when(...events) {
      commands = [];
      for (const event of time.happened(events))
        await execute(await run.react(event, { cause: causeOf(event), metadata: undefined }));
    },
    async whenCommitted() {
      commands = [];
      for (const task of run.tasks.splice(0)) await execute(await run.perform(task));
    },
    thenCommands: pointingAtTest((...expected) => expectMessages(commands, expected)),
  };
}
