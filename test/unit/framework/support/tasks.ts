import {
  AggregateRoot,
  append,
  boolean,
  Command,
  CommandHandler,
  CreationCommand,
  Event,
  integer,
  list,
  on,
  optional,
  reference,
  string,
  uuid,
} from "#sequent";
import type { EventClass } from "#sequent/operations";

/** A small domain for the tests of the framework: tasks with a title, which can be finished once. */

export class AddTask extends CreationCommand("AddTask", { title: string() }) {}
export class RenameTask extends Command("RenameTask", { title: string() }) {}
export class FinishTask extends Command("FinishTask", { minutes: optional(integer()) }) {}
/** Renames two tasks; the other one is loaded first. */
export class RenameBoth extends Command("RenameBoth", { otherId: uuid(), title: string() }) {}
/** Gives the slug of a task to another one. */
export class HandOverSlug extends Command("HandOverSlug", { otherId: uuid() }) {}
export class AddSubtask extends CreationCommand("AddSubtask", {
  parentId: reference("Task"),
  title: string(),
}) {}

export class TaskAdded extends Event("TaskAdded", { title: string() }) {}
export class TaskRenamed extends Event("TaskRenamed", { title: string() }) {}
export class TaskFinished extends Event("TaskFinished", { minutes: optional(integer()) }) {}
export class SlugSet extends Event("SlugSet", { slug: optional(string()) }) {}

export const taskEvents: Record<string, EventClass> = { TaskAdded, TaskRenamed, TaskFinished, SlugSet };

export class TaskAlreadyFinished extends Error {
  readonly aggregateId: string;

  constructor(aggregateId: string) {
    super(`${aggregateId} is finished.`);
    this.aggregateId = aggregateId;
  }
}

export class Task extends AggregateRoot("Task", {
  title: string(),
  slug: optional(string()),
  isFinished: optional(boolean()),
  minutes: list(integer()),
}) {
  static add({ aggregateId, title }: { aggregateId: string; title: string }): Task {
    const task = new Task(aggregateId);
    task.apply(TaskAdded, { title });
    task.apply(SlugSet, { slug: title.toLowerCase() });
    return task;
  }

  override get uniqueKeys() {
    const { slug } = this.state;
    return slug === undefined ? {} : { task_slug: slug };
  }

  rename(title: string): void {
    this.applyIfChanged(TaskRenamed, { title });
  }

  setSlug(slug: string | undefined): void {
    this.applyIfChanged(SlugSet, { slug });
  }

  clearSlug(): void {
    this.applyIfChanged(SlugSet, {});
  }

  finish(minutes: number | undefined): void {
    if (this.state.isFinished) throw new TaskAlreadyFinished(this.id);
    this.apply(TaskFinished, { minutes });
  }

  readonly handlers = [
    on([TaskAdded, TaskRenamed], ({ title }) => ({ title })),
    on(SlugSet, ({ slug }) => ({ slug })),
    on(TaskFinished, ({ minutes }) =>
      minutes === undefined ? { isFinished: true } : { isFinished: true, minutes: append(minutes) },
    ),
  ];
}

export class TaskCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddTask, (command) => this.repository.addAggregate(Task.add(command))),
    on(RenameTask, (command) => this.doWithAggregate(command, Task, (task) => task.rename(command.title))),
    on(FinishTask, (command) => this.doWithAggregate(command, Task, (task) => task.finish(command.minutes))),
    on(RenameBoth, async ({ aggregateId, otherId, title }) => {
      const other = await this.repository.loadAggregate(Task, otherId);
      const task = await this.repository.loadAggregate(Task, aggregateId);
      task.rename(title);
      other.rename(title);
      task.rename(`${title}!`);
    }),
    on(HandOverSlug, async ({ aggregateId, otherId }) => {
      const [task, other] = await this.repository.loadAggregates(Task, [aggregateId, otherId]);
      other?.setSlug(task?.state.slug);
      task?.setSlug(undefined);
    }),
    on(AddSubtask, (command) => this.repository.addAggregate(Task.add(command))),
  ];
}
