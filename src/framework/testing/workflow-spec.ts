import { type WorkflowClass, whoseHandler, workflowGate } from "../commands/workflow.ts";
import type { BaseCommand } from "../messages/base-command.ts";
import { checkCommand } from "../messages/check-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import { handlersOf } from "../messages/message-handler.ts";
import { type Expected, expectMessages } from "./expected.ts";
import { type BeforeEach, SpecTime } from "./spec-time.ts";

export interface WorkflowSpecOptions {
  readonly beforeEach: BeforeEach;
  readonly workflows: readonly WorkflowClass[];
}

export interface WorkflowSpec {
  /** What time it is from here on: `at("2026-11-20T09:00:00Z")`. */
  at(time: Date | string): void;
  when(...events: readonly BaseEvent[]): Promise<void>;
  /** Does what waits for the commit: without it, the unit of work was rolled back. */
  whenCommitted(): Promise<void>;
  /**
   * All commands that were run since the last `when`, in order; an `aggregateId` that nobody gave is not compared. Where
   * only some values matter, a pattern: `AddPost.like({ title: "Hello" })`. Where none do, the class.
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
  let commands: BaseCommand[] = [];
  let tasks: (() => unknown)[] = [];
  let time = new SpecTime();
  let gate = workflowGate();
  const context = {
    executeCommands(...more: readonly BaseCommand[]) {
      gate.check("executeCommands", "was called");
      for (const command of more) command.dateBy(time.now);
      commands.push(...more);
    },
    afterCommit(task: () => unknown) {
      gate.check("afterCommit", "was called");
      tasks.push(task);
    },
  };
  beforeEach(() => {
    commands = [];
    tasks = [];
    time = new SpecTime();
    gate = workflowGate();
    return () => gate.throwRefused();
  });
  return {
    at: (instant) => time.set(instant),
    async when(...events) {
      commands = [];
      const instances = workflows.map((workflowClass) => new workflowClass(context));
      for (const event of time.happened(events)) {
        for (const workflow of instances) {
          for (const handler of handlersOf(workflow.handlers, event))
            await gate.during(whoseHandler(workflow, event), () => handler.handle(event));
        }
      }
      for (const command of commands) await checkCommand(command);
    },
    async whenCommitted() {
      commands = [];
      for (const task of tasks.splice(0)) await gate.during("The task after the commit", task);
      for (const command of commands) await checkCommand(command);
    },
    thenCommands(...expected) {
      expectMessages(commands, expected);
    },
  };
}
