import type { AggregateRepository } from "../aggregates/aggregate-repository.ts";
import type { BaseAggregate } from "../aggregates/aggregate-root.ts";
import { CommandHandler, type CommandHandlerClass } from "../commands/command-handler.ts";
import { Workflow, type WorkflowClass } from "../commands/workflow.ts";
import { anyEvent, type BaseEvent } from "../messages/event.ts";
import { on } from "../messages/message-handler.ts";

type Note = (events: readonly BaseEvent[], aggregates: readonly BaseAggregate[]) => void;

/**
 * Notes the events of each stored unit of work, and the aggregates that it used. Each unit makes both: first the command
 * handler, which gets the repository, then the workflow, which gets the events.
 */
export function witnesses(note: Note): { commandHandler: CommandHandlerClass; workflow: WorkflowClass } {
  let repository: AggregateRepository | undefined;

  class CommandHandlerWitness extends CommandHandler {
    readonly handlers = [];

    constructor(ofUnit: AggregateRepository) {
      super(ofUnit);
      repository = ofUnit;
    }
  }

  class WorkflowWitness extends Workflow("WorkflowWitness") {
    readonly #events: BaseEvent[] = [];
    readonly handlers = [
      on(anyEvent, (event) => {
        if (this.#events.length === 0)
          this.afterCommit(() => note(this.#events, repository?.aggregates.filter(isStored) ?? []));
        this.#events.push(event);
      }),
    ];
  }

  return { commandHandler: CommandHandlerWitness, workflow: WorkflowWitness };
}

function isStored({ version }: BaseAggregate): boolean {
  return version > 0;
}
