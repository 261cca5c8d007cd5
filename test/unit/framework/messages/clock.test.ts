import { beforeEach, describe, expect, test } from "vitest";
import {
  AggregateRoot,
  anyEvent,
  append,
  CommandHandler,
  CreationCommand,
  Event,
  integer,
  list,
  on,
  time,
  Workflow,
} from "#sequent";
import {
  CommandService,
  type CommandServiceOptions,
  EventTypes,
  InMemoryEventStore,
  newId,
} from "#sequent/operations";
import {
  AddTask,
  FinishTask,
  RenameTask,
  TaskAdded,
  TaskCommandHandler,
  taskEvents,
} from "../support/tasks.ts";

const [task, other] = [newId(), newId()];
const november = new Date("2026-11-20T09:00:00Z");
const december = new Date("2026-12-01T09:00:00Z");

let store: InMemoryEventStore;
let now: Date;

function serviceOf(options: Partial<CommandServiceOptions> = {}): CommandService {
  return new CommandService({
    eventStore: store,
    commandHandlers: [TaskCommandHandler],
    clock: () => now,
    ...options,
  });
}

const timesOfEvents = async () => store.events.map((event) => event.createdAt);
const timeOfCommand = async (commandId: string) => (await store.findCommands([commandId]))[0]?.createdAt;

beforeEach(() => {
  store = new InMemoryEventStore(new EventTypes([taskEvents]));
  now = november;
});

describe("the clock of a command service", () => {
  test("gives the time of a command and of its events", async () => {
    const adding = new AddTask({ aggregateId: task, title: "x" });
    await serviceOf().executeCommands(adding);
    expect(await timesOfEvents()).toEqual([november, november]);
    expect(await timeOfCommand(adding.commandId)).toEqual(november);
    now = december;
    await serviceOf().executeCommands(new RenameTask({ aggregateId: task, title: "y" }));
    expect(await timesOfEvents()).toEqual([november, november, december]);
  });

  test("also gives the time of a command from a form, and of commands of workflows", async () => {
    class Finishing extends Workflow("Finishing") {
      readonly handlers = [
        on(TaskAdded, ({ aggregateId }) => this.executeCommands(new FinishTask({ aggregateId }))),
      ];
    }
    const asked: [string, Date][] = [];
    const service = serviceOf({
      workflows: [Finishing],
      filters: [(command) => void asked.push([command.class.type, command.createdAt])],
    });
    await service.executeCommands(await AddTask.fromParams({ title: "x" }));
    expect(asked).toEqual([
      ["AddTask", november],
      ["FinishTask", november],
    ]);
    expect(await timesOfEvents()).toEqual([november, november, november]);
  });

  test("does not change the time of a command that has one", async () => {
    const adding = new AddTask({ aggregateId: task, title: "x", createdAt: december });
    await serviceOf().executeCommands(adding);
    expect(await timeOfCommand(adding.commandId)).toEqual(december);
    expect(await timesOfEvents()).toEqual([november, november]);
  });

  test("is the clock of the machine by default", async () => {
    const before = new Date();
    const adding = new AddTask({ aggregateId: task, title: "x" });
    await serviceOf({ clock: undefined }).executeCommands(adding);
    const times = [await timeOfCommand(adding.commandId), ...(await timesOfEvents())];
    for (const each of times) {
      expect(each?.getTime()).toBeGreaterThanOrEqual(before.getTime());
      expect(each?.getTime()).toBeLessThanOrEqual(Date.now());
    }
  });
});

describe("the state of an aggregate that remembers a time", () => {
  class NoteAdded extends Event("NoteAdded") {}
  class NoteTouched extends Event("NoteTouched") {}
  class AddNote extends CreationCommand("AddNote") {}
  class TouchNote extends CreationCommand("TouchNote") {}
  const seen: (Date | undefined)[] = [];
  class Note extends AggregateRoot("Note", { changedAt: time(), numbers: list(integer()) }) {
    static add(id: string): Note {
      const note = new Note(id);
      note.apply(NoteAdded);
      return note;
    }
    touch(): void {
      seen.push(this.state.changedAt);
      this.apply(NoteTouched);
      seen.push(this.state.changedAt);
      expect(this.state.numbers).toHaveLength(this.version);
    }
    readonly handlers = [
      on(anyEvent, ({ createdAt, sequenceNumber }) => ({
        changedAt: createdAt,
        numbers: append(sequenceNumber),
      })),
    ];
  }
  class NoteCommandHandler extends CommandHandler {
    readonly handlers = [
      on(AddNote, ({ aggregateId }) => {
        const note = Note.add(aggregateId);
        this.repository.addAggregate(note);
        note.touch();
      }),
      on(TouchNote, (command) => this.doWithAggregate(command, Note, (note) => note.touch())),
    ];
  }

  test("has the time of the clock, whether it was added or loaded", async () => {
    store = new InMemoryEventStore(new EventTypes([{ NoteAdded, NoteTouched }]));
    const service = serviceOf({ commandHandlers: [NoteCommandHandler] });
    await service.executeCommands(new AddNote({ aggregateId: other }));
    now = december;
    await service.executeCommands(new TouchNote({ aggregateId: other }));
    expect(seen.splice(0)).toEqual([november, november, november, december]);
    expect(await timesOfEvents()).toEqual([november, november, december]);
    const numbers = store.events.map((event) => event.sequenceNumber);
    expect(numbers).toEqual([1, 2, 3]);
  });
});
