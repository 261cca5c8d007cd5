import type { BaseCommand, Cause } from "../messages/base-command.ts";
import type { BaseEvent } from "../messages/event.ts";
import { HandlerGate } from "../messages/handler-gate.ts";
import { handlersOf, type SilentHandler } from "../messages/message-handler.ts";
import type { Metadata } from "../messages/metadata.ts";
import { userOfWorkflow } from "../messages/user.ts";

interface WorkflowContext {
  executeCommands(...commands: readonly BaseCommand[]): void;
  afterCommit(task: () => unknown): void;
}

export interface WorkflowClass extends WorkflowDeclaration {
  new (context: WorkflowContext): BaseWorkflow;
}

interface WorkflowDeclaration {
  /** Its name in the database: `workflow:WelcomeWorkflow` is the user of its commands. It never changes. */
  readonly savedName: string;
}

/**
 * Declares a workflow: its name in the database, which never changes. It reacts to events: it runs other commands, or does
 * something outside, such as sending a mail. A replay never runs it.
 *
 *     const welcomeWorkflow = (mailer: Mailer) => class WelcomeWorkflow extends Workflow("WelcomeWorkflow") {
 *       readonly handlers = [
 *         on(AuthorAdded, ({ aggregateId }) => {
 *           this.executeCommands(new AddPost({ authorAggregateId: aggregateId, title: "Hello", content: "…" }));
 *           this.afterCommit(() => mailer.welcome(aggregateId));
 *         }),
 *       ];
 *     };
 */
export function Workflow(savedName: string): DeclaredWorkflowClass {
  abstract class DeclaredWorkflow extends BaseWorkflow {
    static readonly savedName = savedName;
  }
  return DeclaredWorkflow;
}

type DeclaredWorkflowClass = WorkflowDeclaration & (abstract new (context: WorkflowContext) => BaseWorkflow);

/** What all workflows have in common. */
export abstract class BaseWorkflow {
  abstract readonly handlers: readonly SilentHandler[];
  readonly #context: WorkflowContext;

  constructor(context: WorkflowContext) {
    this.#context = context;
  }

  /**
   * Adds commands to the end of the queue of this unit of work. Their user is the workflow, unless they have one. In an `afterCommit` task, they are a unit of their own,
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

/** The event because of which a workflow asks for something, and the metadata of the command that led to it. */
interface Reason {
  readonly cause: Cause;
  readonly metadata: Metadata | undefined;
}

interface AfterCommitTask extends Reason {
  readonly task: () => unknown;
}

/** The workflows of one unit of work, and what they ask for. */
export class WorkflowRun {
  readonly tasks: AfterCommitTask[] = [];
  readonly #workflows: readonly { readonly workflow: BaseWorkflow; readonly savedName: string }[];
  readonly #gate = new HandlerGate(undefined, "await lookUp(…)");
  #reason: Reason | undefined;
  #commands: BaseCommand[] = [];

  constructor(workflows: readonly WorkflowClass[]) {
    this.#workflows = workflows.map((workflowClass) => {
      const { savedName } = workflowClass;
      const user = userOfWorkflow(savedName);
      const workflow = new workflowClass({
        executeCommands: (...commands) => this.#executeCommands(commands, user),
        afterCommit: (task) => this.#afterCommit(task),
      });
      return { workflow, savedName };
    });
  }

  /** Gives the commands that the workflows want to run in the same unit of work. */
  async react(event: BaseEvent, reason: Reason): Promise<readonly BaseCommand[]> {
    this.#begin(reason);
    for (const { workflow, savedName } of this.#workflows) {
      const whose = `The handler of ${event.class.type} in ${savedName}`;
      for (const handler of handlersOf(workflow.handlers, event))
        await this.#gate.during(whose, () => handler.handle(event));
    }
    return this.#commands;
  }

  /** Runs a task after the commit, and gives the commands that it wants to run. */
  async perform({ task, ...reason }: AfterCommitTask): Promise<readonly BaseCommand[]> {
    this.#begin(reason);
    await this.#gate.during("The task after the commit", task);
    return this.#commands;
  }

  /** Commands and tasks would get lost if a workflow did not await its work. */
  throwRefused(): void {
    this.#gate.throwRefused();
  }

  #begin(reason: Reason): void {
    this.#reason = reason;
    this.#commands = [];
  }

  #executeCommands(commands: readonly BaseCommand[], user: string): void {
    this.#gate.check("executeCommands", "was called");
    for (const command of commands) {
      command.inheritUser(user);
      command.inheritMetadata(this.#reason?.metadata);
    }
    this.#commands.push(...commands);
  }

  #afterCommit(task: () => unknown): void {
    this.#gate.check("afterCommit", "was called");
    if (this.#reason) this.tasks.push({ task, ...this.#reason });
  }
}

export function causeOf({ aggregateId, sequenceNumber }: BaseEvent): Cause {
  return { aggregateId, sequenceNumber };
}
