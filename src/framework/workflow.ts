import type { BaseCommand } from "./command.ts";
import type { BaseEvent } from "./event.ts";
import { HandlerGate } from "./handler-gate.ts";
import type { SilentHandler } from "./message-handler.ts";

/** What a workflow can do; the unit of work that it runs in hands it in. */
export interface WorkflowContext {
  executeCommands(...commands: readonly BaseCommand[]): void;
  afterCommit(task: () => unknown): void;
}

export type WorkflowClass = new (context: WorkflowContext) => Workflow;

/**
 * Reacts to events with further commands, or with effects outside. A replay never runs it.
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
   * Queues commands in the same unit of work, behind those that wait already. In an `afterCommit` task they are a
   * unit of their own, which runs when the task ends.
   */
  protected executeCommands(...commands: readonly BaseCommand[]): void {
    this.#context.executeCommands(...commands);
  }

  /** Runs once everything is committed, and not at all if it is not: the place for mail and other outside effects. */
  protected afterCommit(task: () => unknown): void {
    this.#context.afterCommit(task);
  }
}

/** Commands and tasks of a workflow that did not await its work would be forgotten. */
export function workflowGate(): HandlerGate {
  return new HandlerGate(undefined, "await lookUp(…)");
}

export function whoseHandler(workflow: Workflow, event: BaseEvent): string {
  return `The handler of ${event.class.type} in ${workflow.constructor.name || "a workflow"}`;
}
