/** What the compiler must refuse. It is compiled, never run: `npm run types` fails if such a line is accepted. */
import {
  AggregateRoot,
  append,
  CommandHandler,
  column,
  type DomainModule,
  increment,
  integer,
  list,
  nullable,
  on,
  optional,
  Projector,
  string,
  table,
  Workflow,
} from "#sequent";
import type { AggregateRepository, CommandService, ProjectorClass, Wiring } from "#sequent/operations";
import type { DomainSpec, ProjectorSpec, WorkflowSpec } from "#sequent/testing";
import {
  AddTask,
  RenameTask,
  SlugSet,
  Task,
  TaskAdded,
  TaskAlreadyFinished,
  TaskCommandHandler,
  TaskFinished,
  TaskRenamed,
} from "./support/tasks.ts";

export class TypedTask extends AggregateRoot("TypedTask", {
  title: string(),
  note: optional(string()),
  minutes: list(integer()),
}) {
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
    this.applyIfChanged(TaskAdded, { title: "x" });
    // @ts-expect-error an attribute is missing
    this.applyIfChanged(TaskAdded, {});
    // @ts-expect-error an attribute is of another type
    this.applyIfChanged(TaskAdded, { title: 1 });
    // @ts-expect-error the state has no slug to compare with
    this.applyIfChanged(SlugSet, { slug: "x" });
    // @ts-expect-error the state has none, even if the event's value is optional
    this.applyIfChanged(SlugSet, {});
  }

  read(): void {
    const title: string = this.state.title;
    const minutes: readonly number[] = this.state.minutes;
    // @ts-expect-error it may be missing
    const note: string = this.state.note;
    // @ts-expect-error it is not declared
    this.state.color;
    // @ts-expect-error the state is read-only
    this.state.title = "x";
    // @ts-expect-error and so is a list in it
    this.state.minutes.push(1);
    // @ts-expect-error and it cannot be replaced
    this.state = { title, note, minutes };
  }

  readonly handlers = [
    on(TaskAdded, ({ title }) => ({ title })),
    on(TaskRenamed, ({ title }) => ({ title, note: undefined })),
    on(TaskFinished, ({ minutes }) => (minutes === undefined ? {} : { minutes: append(minutes) })),
    on(TaskFinished, ({ minutes = 0 }) => ({ minutes: [...this.state.minutes, minutes] })),
    on(TaskFinished, () => {}),
    on(TaskAdded, (event) => {
      // @ts-expect-error the event has no such attribute
      event.name;
      // @ts-expect-error an event cannot be changed
      event.title = "y";
    }),
  ];
}

class Returning extends AggregateRoot("Returning", { title: string(), minutes: list(integer()) }) {
  readonly handlers = [on(TaskAdded, ({ title }) => ({ title }))];
}

export class Misspelt extends Returning {
  // @ts-expect-error the state has no such name
  override readonly handlers = [on(TaskAdded, ({ title }) => ({ titel: title }))];
}

export class OneTooMany extends AggregateRoot("OneTooMany", { title: string() }) {
  // @ts-expect-error the state has only one of the two names
  readonly handlers = [on(TaskAdded, ({ title }) => ({ title, color: "red" }))];
}

export class OneTooManyAtTimes extends AggregateRoot("OneTooManyAtTimes", { title: string() }) {
  // @ts-expect-error the state has no such name, which only one branch returns
  readonly handlers = [on(TaskAdded, ({ title }) => (title ? { title } : { title, color: "red" }))];
}

export class OneOfMany extends AggregateRoot("OneOfMany", { title: string() }) {
  // @ts-expect-error one of the handlers is wrong
  readonly handlers = [on(TaskAdded, ({ title }) => ({ title })), on(TaskRenamed, () => ({ color: "red" }))];
}

export class WrongType extends AggregateRoot("WrongType", { title: string() }) {
  // @ts-expect-error of another type
  readonly handlers = [on(TaskAdded, ({ title }) => ({ title: title.length }))];
}

export class MaybeMissing extends AggregateRoot("MaybeMissing", { slug: string() }) {
  // @ts-expect-error optional in the event, but not in the state
  readonly handlers = [on(SlugSet, ({ slug }) => ({ slug }))];
}

export class AppendedToText extends AggregateRoot("AppendedToText", { title: string() }) {
  // @ts-expect-error only lists can be appended to
  readonly handlers = [on(TaskAdded, ({ title }) => ({ title: append(title) }))];
}

export class AppendedOther extends AggregateRoot("AppendedOther", { minutes: list(integer()) }) {
  // @ts-expect-error the list has other elements
  readonly handlers = [on(TaskAdded, ({ title }) => ({ minutes: append(title) }))];
}

export class WholeEvent extends AggregateRoot("WholeEvent", { title: string() }) {
  // @ts-expect-error an event has more than the state declares
  readonly handlers = [on(TaskAdded, (event) => event)];
}

export class Waiting extends AggregateRoot("Waiting", { title: string() }) {
  // @ts-expect-error nobody waits for a handler
  readonly handlers = [on(TaskAdded, async ({ title }) => ({ title }))];
}

export class Assigning extends AggregateRoot("Assigning", { title: string() }) {
  readonly handlers = [
    on(TaskAdded, ({ title }) => {
      // @ts-expect-error the state is also read-only in a handler
      this.state.title = title;
    }),
  ];
}

// @ts-expect-error an aggregate is declared: AggregateRoot("Undeclared", { … })
export class Undeclared extends AggregateRoot {}

export async function declared(aggregates: AggregateRepository, task: TypedTask) {
  // @ts-expect-error an aggregate has a name under which it is saved
  AggregateRoot();
  // @ts-expect-error the name comes first
  AggregateRoot({ title: string() });
  // @ts-expect-error an attribute is made by calling its function
  AggregateRoot("Bad", { title: string });
  // @ts-expect-error only the aggregate itself applies
  task.apply(TaskAdded, { title: "x" });
  // @ts-expect-error read-only from outside too
  task.state.title = "x";

  class NoVersion extends Returning {
    static readonly snapshots = { every: 100 };
  }
  // @ts-expect-error snapshots have a version
  await aggregates.loadAggregate(NoVersion, "an id");
  const past = await aggregates.loadAggregateAsOf(TypedTask, "an id", 1);
  // @ts-expect-error not declared, not in the past either
  past.state.color;
  return past.state.title.length;
}

export class TypedCommandHandler extends CommandHandler {
  readonly handlers = [
    on([AddTask, RenameTask], (command) => void command.title.length),
    // @ts-expect-error the command has no such attribute
    on(AddTask, (command) => command.content),
    on(RenameTask, async ({ aggregateId }) => {
      const task: Task = await this.repository.loadAggregate(Task, aggregateId);
      // @ts-expect-error an aggregate says what can be done with it
      task.publish();
    }),
    on(RenameTask, (command) =>
      this.doWithAggregate(command, Task, (task, seen) => {
        task.rename(seen.state.title);
        // @ts-expect-error an aggregate says what can be done with it
        task.publish();
        // @ts-expect-error the same for the seen aggregate
        seen.state.color;
      }),
    ),
    // @ts-expect-error an aggregate is asked for by its class
    on(RenameTask, (command) => this.doWithAggregate(command, "Task", () => {})),
    // @ts-expect-error it needs the whole command, which has the id and the seen version
    on(RenameTask, ({ aggregateId }) => this.doWithAggregate(aggregateId, Task, () => {})),
  ];
}

export class ForgetfulCommandHandler extends CommandHandler {
  // @ts-expect-error the new aggregate is not added
  readonly handlers = [on(AddTask, (command) => Task.add(command))];
}

export class HastyCommandHandler extends CommandHandler {
  // @ts-expect-error nobody waits for a list of promises
  readonly handlers = [on(SeeTask, ({ aggregateId }) => [aggregateId].map((id) => this.#load(id)))];

  #load = (id: string): Promise<Task> => this.repository.loadAggregate(Task, id);
}

export class HastyWorkflow extends Workflow("HastyWorkflow") {
  // @ts-expect-error nobody waits for a list of promises
  readonly handlers = [on(TaskAdded, ({ title }) => [title].map(async () => {}))];
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

export class TypedProjector extends Projector("TypedProjector", { version: 1, tables: [rows] }) {
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

// @ts-expect-error a projector has a name under which it is saved
export class NamelessProjector extends Projector({ version: 1, tables: [rows] }) {
  readonly handlers = [];
}

// @ts-expect-error a projector has a version
export class UnversionedProjector extends Projector("UnversionedProjector", { tables: [rows] }) {
  readonly handlers = [];
}

export const misspelt = Projector("MisspeltProjector", {
  version: 1,
  tables: [rows],
  // @ts-expect-error an option is misspelt
  partioned: true,
});

// @ts-expect-error a table is a declaration, not its name
export class TextualProjector extends Projector("TextualProjector", { version: 1, tables: ["typed_rows"] }) {
  readonly handlers = [];
}

// @ts-expect-error a projector has handlers
export class IdleProjector extends Projector("IdleProjector", { version: 1, tables: [rows] }) {}

// @ts-expect-error a declaration alone is no projector
export const listed: ProjectorClass[] = [Projector("Bare", { version: 1, tables: [] })];

const others = table("typed_others", { columns: { id: column.uuid, at: column.time }, primaryKey: ["id"] });

export class StrayingProjector extends Projector("StrayingProjector", { version: 1, tables: [rows] }) {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId: id, createdAt: at }) => {
      // @ts-expect-error a table that is not listed
      this.create(others, { id, at });
      // @ts-expect-error a table that is not listed
      this.update(others, { id }, { at });
      // @ts-expect-error a table that is not listed
      return this.find(others, { id });
    }),
  ];
}

export class SeveralProjector extends Projector("SeveralProjector", { version: 1, tables: [rows, others] }) {
  readonly handlers = [
    on(TaskAdded, ({ aggregateId: id, title, createdAt: at }) => {
      this.create(rows, { id, title, count: 0 });
      this.create(others, { id, at });
      // @ts-expect-error a column of the other table
      this.create(others, { id, at, title });
    }),
  ];
}

const task = {
  aggregate: Task,
  commandHandler: TaskCommandHandler,
  commands: { AddTask },
  events: { TaskAdded },
};
export const modules: DomainModule[] = [
  task,
  // @ts-expect-error the name of a list is misspelt
  { ...task, event: { TaskAdded } },
  // @ts-expect-error there is no list of commands
  { aggregate: Task, commandHandler: TaskCommandHandler, events: { TaskAdded } },
  // @ts-expect-error a command handler is no aggregate
  { ...task, aggregate: TaskCommandHandler },
  // @ts-expect-error events are what a file exports, not one class
  { ...task, events: TaskAdded },
  // @ts-expect-error the command of an erasure may only need the person and the reason
  { ...task, erasure: { kind: "task", command: AddTask, event: TaskFinished } },
];
// @ts-expect-error a projector is listed as a class
export const wiring: Wiring = { modules: [task], projectors: ["TypedProjector"], workflows: [] };

export class TypedWorkflow extends Workflow("TypedWorkflow") {
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
  // @ts-expect-error only events can be given
  domain.given(new AddTask({ title: "x" }));
  // @ts-expect-error only commands can be sent
  await domain.when(TaskAdded.of("id", { title: "x" }));
  // @ts-expect-error the error has no such field
  domain.thenFails(TaskAlreadyFinished, { postId: "id" });
  // @ts-expect-error an error is named by its class
  domain.thenFails("finished");
  // @ts-expect-error a column is missing
  await projector.thenRows(rows, { id: "id" });
  // @ts-expect-error a workflow runs commands
  workflow.thenCommands(TaskAdded.of("id", { title: "x" }));
}
