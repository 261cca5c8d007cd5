/** What the compiler must refuse. It is compiled, never run: a line that is accepted by mistake fails `npm run types`. */
import {
  type AggregateRepository,
  AggregateRoot,
  CommandHandler,
  type CommandService,
  column,
  increment,
  nullable,
  on,
  Projector,
  table,
  Workflow,
} from "../../../src/framework/index.ts";
import type { DomainSpec, ProjectorSpec, WorkflowSpec } from "../../../src/framework/testing/index.ts";
import { AddTask, RenameTask, Task, TaskAdded, TaskAlreadyFinished, TaskFinished } from "./support/tasks.ts";

export class TypedTask extends AggregateRoot {
  static override readonly type = "TypedTask";
  #title = "";

  decide(): void {
    this.apply(TaskAdded, { title: "x" });
    this.apply(TaskFinished);
    this.apply(TaskFinished, { minutes: 1 });
    // @ts-expect-error an attribute is missing
    this.apply(TaskAdded, {});
    // @ts-expect-error all values are missing
    this.apply(TaskAdded);
    // @ts-expect-error an attribute is misspelt
    this.apply(TaskAdded, { titel: "x" });
    // @ts-expect-error an attribute is unknown
    this.apply(TaskAdded, { title: "x", color: "red" });
    // @ts-expect-error an attribute is of another type
    this.apply(TaskAdded, { title: 1 });
    // @ts-expect-error a command is not an event
    this.apply(AddTask, { title: "x" });
    this.applyIfChanged(TaskAdded, { title: "x" }, { title: this.#title });
    // @ts-expect-error what is compared must be an attribute
    this.applyIfChanged(TaskAdded, { title: "x" }, { name: this.#title });
  }

  readonly handlers = [
    on(TaskAdded, (event) => {
      this.#title = event.title;
      // @ts-expect-error the event has no such attribute
      this.#title = event.name;
      // @ts-expect-error an event cannot be changed
      event.title = "y";
    }),
  ];
}

export class TypedCommandHandler extends CommandHandler {
  readonly handlers = [
    on([AddTask, RenameTask], (command) => command.title.length),
    // @ts-expect-error the command has no such attribute
    on(AddTask, (command) => command.content),
    on(RenameTask, async ({ aggregateId }) => {
      const task: Task = await this.repository.loadAggregate(Task, aggregateId);
      // @ts-expect-error an aggregate says what can be done with it
      task.publish();
    }),
  ];
}

export async function repository(aggregates: AggregateRepository): Promise<void> {
  // @ts-expect-error an aggregate is asked for by its class
  await aggregates.loadAggregate("an id");
  // @ts-expect-error there must be ids
  await aggregates.loadAggregates(Task, undefined);
  // @ts-expect-error there may be none
  (await aggregates.findAggregate(Task, "an id")).rename("x");
}

const rows = table("typed_rows", {
  columns: { id: column.uuid, title: column.text, count: column.integer, note: nullable(column.text) },
  primaryKey: ["id"],
});

// @ts-expect-error the key must be a column
export const other = table("typed_rows", { columns: { id: column.uuid }, primaryKey: ["key"] });

export class TypedProjector extends Projector {
  static override readonly tables = [rows];
  readonly handlers = [
    on(TaskAdded, async ({ aggregateId: id, title }) => {
      this.create(rows, { id, title, count: 0 });
      // @ts-expect-error a column is missing
      this.create(rows, { id, title });
      // @ts-expect-error there is no such column
      this.create(rows, { id, title, count: 0, color: "red" });
      // @ts-expect-error a column is of another type
      this.createOrUpdate(rows, { id, title, count: "0" });
      this.update(rows, { id }, { count: increment(1), note: null });
      // @ts-expect-error only numbers can be added to
      this.update(rows, { id }, { title: increment(1) });
      // @ts-expect-error a column that must not be empty
      this.update(rows, { id }, { title: null });
      // @ts-expect-error there is no such column
      this.update(rows, { key: id }, { title });
      // @ts-expect-error there is no such column
      this.delete(rows, { key: id });
      const row = await this.find(rows, { id });
      // @ts-expect-error there may be no row
      row.title.trim();
      // @ts-expect-error the column may be empty
      row?.note.trim();
    }),
  ];
}

export class TypedWorkflow extends Workflow {
  readonly handlers = [
    // @ts-expect-error a workflow runs commands, not events
    on(TaskAdded, (event) => this.executeCommands(event)),
  ];
}

export async function service(commandService: CommandService): Promise<void> {
  // @ts-expect-error an event is not a command
  await commandService.executeCommands(TaskAdded.of("id", { title: "x" }));
}

export async function specs(domain: DomainSpec, projector: ProjectorSpec, workflow: WorkflowSpec) {
  // @ts-expect-error what was given are events
  domain.given(new AddTask({ title: "x" }));
  // @ts-expect-error what is asked are commands
  await domain.when(TaskAdded.of("id", { title: "x" }));
  // @ts-expect-error the error has no such field
  domain.thenFails(TaskAlreadyFinished, { postId: "id" });
  // @ts-expect-error an error is named by its class
  domain.thenFails("finished");
  // @ts-expect-error a column is missing
  await projector.thenRows(rows, { id: "id" });
  // @ts-expect-error what a workflow runs are commands
  workflow.thenCommands(TaskAdded.of("id", { title: "x" }));
}
