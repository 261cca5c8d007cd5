import type { BaseCommand } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import { HandlerGate } from "../messages/handler-gate.ts";
import type { SilentHandler } from "../messages/message-handler.ts";

/** What a workflow can do. Its unit of work provides it. */
export interface WorkflowContext {
  executeCommands(...commands: readonly BaseCommand[]): void;
  afterCommit(task: () => unknown): void;
}

export type WorkflowClass = new (context: WorkflowContext) => Workflow;

/**
 * Reacts to events: runs other commands, or does something outside, such as sending a mail. A replay never runs it.
 *
 *     const welcomeWorkflow = (mailer: Mailer) => class WelcomeWorkflow extends Workflow {
 *       readonly handlers = [
 *         on(AuthorAdded, ({ aggregateId }) => {
 *           this.executeCommands(new AddPost({ authorAggregateId: aggregateId, title: "Hello", content: "…" }));
 *           this.afterCommit(() => mailer.welcome(aggregateId));
 *         }),
 *       ];
 *     };
 */
export abstract class Workflow {
  abstract readonly handlers: readonly SilentHandler[];
  readonly #context: WorkflowContext;

  constructor(context: WorkflowContext) {
    this.#context = context;
  }

  /**
   * Adds commands to the end of the queue of this unit of work. In an `afterCommit` task, they are a unit of their own,
   * which runs when the task ends.
   */
  protected executeCommands(...commands: readonly BaseCommand[]): void {
    this.#context.executeCommands(...commands);
  }

  /** The task runs after everything is stored, and never if it is not: the place for mail and other effects outside. */
  protected afterCommit(task: () => unknown): void {
    this.#context.afterCommit(task);
  }
}

/** Without it, commands and tasks would get lost if a workflow does not await its work. */
export function workflowGate(): HandlerGate {
  return new HandlerGate(undefined, "await lookUp(…)");
}

export function whoseHandler(workflow: Workflow, event: BaseEvent): string {
  return `The handler of ${event.class.type} in ${workflow.constructor.name || "a workflow"}`;
}
