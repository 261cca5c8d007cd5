import { describe, expect, test } from "vitest";
import {
  AggregateRoot,
  Command,
  CommandHandler,
  column,
  type DomainModule,
  Event,
  integer,
  list,
  object,
  on,
  optional,
  Projector,
  reference,
  Subscription,
  string,
  table,
  ValueObject,
  Workflow,
} from "#sequent";
import { checkWiring, domainOf, eventsNobodyTakes, NotWired, type Wiring } from "#sequent/operations";
import { modules, projectors, workflowsOf } from "../../../fixtures/shop/shop.ts";
import * as tasks from "../support/tasks.ts";

const { Task, TaskCommandHandler, taskEvents, ...commands } = tasks;
const task: DomainModule = {
  aggregate: Task,
  commandHandler: TaskCommandHandler,
  commands,
  events: taskEvents,
};

class Danced extends Event("Danced") {}
class Dance extends Command("Dance") {}
class Dancer extends AggregateRoot("Dancer") {
  readonly handlers = [on(Danced, () => {})];
}
class DancerCommandHandler extends CommandHandler {
  readonly handlers = [on(Dance, ({ aggregateId }) => this.repository.addAggregate(new Dancer(aggregateId)))];
}
const dancer = {
  aggregate: Dancer,
  commandHandler: DancerCommandHandler,
  commands: { Dance },
  events: { Danced },
} satisfies DomainModule;

const records = table("records", { columns: { id: column.uuid }, primaryKey: ["id"] });
class RecordProjector extends Projector("RecordProjector", { version: 1, tables: [records] }) {
  readonly handlers = [on(Danced, ({ aggregateId: id }) => this.create(records, { id }))];
}

const wired: Wiring = { modules: [task, dancer], projectors: [RecordProjector], workflows: [] };

function problems(changes: Partial<Wiring>): readonly string[] {
  try {
    checkWiring({ ...wired, ...changes });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(NotWired);
    return (error as NotWired).problems;
  }
}

const changed = (changes: Partial<DomainModule>) => problems({ modules: [task, { ...dancer, ...changes }] });

test("a shop fits together, and each of its events is used", () => {
  const shop = { modules, projectors, workflows: workflowsOf({ mailer: { shipped: () => {} } }) };
  expect(() => checkWiring(shop)).not.toThrow();
  expect(eventsNobodyTakes(shop)).toEqual([]);
});

test("value objects and helpers next to commands and events are ignored", () => {
  const beside = { Money: class extends ValueObject({ cents: integer() }) {}, vat: () => 21, most: 3 };
  const module = { ...dancer, commands: { ...beside, Dance }, events: { ...beside, Danced } };
  expect(domainOf([module])).toMatchObject({ commandClasses: [Dance], eventTypes: { classes: [Danced] } });
  expect(changed(module)).toEqual([]);
});

describe("refused at the start", () => {
  test("a subscription that is listed twice, has the name of another, takes what is not listed, or takes nothing", () => {
    class Jig extends Event("Jig") {}
    class Applause extends Subscription("Applause", { from: "now" }) {
      readonly handlers = [on(Danced, () => {})];
    }
    class Encore extends Subscription("Applause", { from: "now" }) {
      readonly handlers = [on([Danced, Jig], () => {})];
    }
    class Silence extends Subscription("Silence", { from: "now" }) {}
    expect(problems({ subscriptions: [new Applause()] })).toEqual([]);
    expect(problems({ subscriptions: [new Applause(), new Applause()] })).toEqual([
      "The subscription Applause is listed twice. Take one out.",
    ]);
    expect(problems({ subscriptions: [new Applause(), new Encore(), new Silence()] })).toEqual([
      "Encore takes Jig, which is not listed. Export it from the events.ts of a module, and list that module.",
      'Two subscription classes are saved as "Applause": Applause and Encore. Give one of them another name.',
      "Silence needs either handlers or page.",
    ]);
  });

  test("two events under one name", () => {
    class TaskAdded extends Event("TaskAdded") {}
    expect(changed({ events: { Danced, Other: TaskAdded } })).toEqual([
      'Two event classes are saved as "TaskAdded": TaskAdded and TaskAdded. Give one of them another name in its events.ts.',
    ]);
  });

  test("two commands under one name", () => {
    class Jig extends Command("Dance") {}
    class JigCommandHandler extends DancerCommandHandler {
      override readonly handlers = [on([Dance, Jig], () => {})];
    }
    expect(changed({ commands: { Dance, Jig }, commandHandler: JigCommandHandler })).toEqual([
      'Two command classes are saved as "Dance": Dance and Jig. Give one of them another name in its commands.ts.',
    ]);
  });

  test("two aggregates under one name, and one without a name", () => {
    class Chore extends Task {}
    class Nameless {
      readonly handlers = []; // as an aggregate whose class extends AggregateRoot without calling it
    }
    expect(changed({ aggregate: Chore })).toEqual([
      expect.stringContaining('Two aggregate classes are saved as "Task": Task and Chore.'),
    ]);
    expect(changed({ aggregate: Nameless as unknown as typeof Task })).toEqual([
      expect.stringContaining("Nameless has no saved name."),
    ]);
  });

  test("a reference to an aggregate of no module, wherever it is declared", () => {
    class Pair extends ValueObject({ one: reference("Dancer"), other: reference("Dancre") }) {}
    class Waltz extends Command("Waltz", { pairs: list(object(Pair)) }) {}
    class Waltzed extends Event("Waltzed", { with: optional(reference("Partner")) }) {}
    class WaltzCommandHandler extends CommandHandler {
      readonly handlers = [on(Waltz, () => {})];
    }
    class Waltzer extends AggregateRoot("Waltzer", { with: optional(reference("Partner")) }) {
      readonly handlers = [];
    }
    const waltz = {
      aggregate: Waltzer,
      commandHandler: WaltzCommandHandler,
      commands: { Waltz },
      events: { Waltzed },
    };
    expect(problems({ modules: [task, dancer, waltz] })).toEqual([
      'Waltz.pairs[].other is a reference to "Dancre", which is the aggregate of no module. Correct it in its commands.ts, or list the module of Dancre.',
      'Waltzed.with is a reference to "Partner", which is the aggregate of no module. Correct it in its events.ts, or list the module of Partner.',
      'Waltzer.with is a reference to "Partner", which is the aggregate of no module. Correct it in its file, or list the module of Partner.',
    ]);
  });

  test("a command without a handler", () => {
    class Rest extends Command("Rest") {}
    expect(changed({ commands: { Dance, Rest } })).toEqual([
      "No command handler takes Rest. Add on(Rest, …) to DancerCommandHandler, or take Rest out of commands.ts.",
    ]);
  });

  test("a handler for a command that is not listed", () => {
    expect(changed({ commands: {} })).toEqual([
      "DancerCommandHandler takes Dance, which is not listed. Export it from the commands.ts of a module.",
    ]);
  });

  test("a handler for an event that is not listed, in an aggregate, a projector or a workflow", () => {
    class EncoreWorkflow extends Workflow("EncoreWorkflow") {
      readonly handlers = [on(Danced, () => {})];
    }
    const module = { ...dancer, events: {} };
    expect(problems({ modules: [task, module], workflows: [EncoreWorkflow] })).toEqual(
      ["Dancer", "RecordProjector", "EncoreWorkflow"].map(
        (taker) =>
          `${taker} takes Danced, which is not listed. Export it from the events.ts of a module, and list that module.`,
      ),
    );
  });

  test("two erasures of the same kind", () => {
    class Forget extends Command("Forget", { by: string(), reason: optional(string()) }) {}
    const erasure = { kind: "dancer", command: Forget, event: Danced };
    expect(
      problems({
        modules: [
          { ...task, erasure },
          { ...dancer, erasure },
        ],
      }),
    ).toEqual(['Two modules have an erasure of the kind "dancer". Give one of them another kind.']);
  });

  test("a table that two projectors list", () => {
    class ThiefProjector extends Projector("ThiefProjector", { version: 1, tables: [records] }) {
      readonly handlers = [];
    }
    expect(problems({ projectors: [RecordProjector, ThiefProjector] })).toEqual([
      'The table "records" is listed by RecordProjector and by ThiefProjector. A table belongs to one projector: take it out of the tables of the other.',
    ]);
  });

  test("a workflow without a saved name, or with that of another one", () => {
    class Nameless extends (Workflow as unknown as ReturnType<typeof Workflow>) {
      readonly handlers = [];
    }
    class EncoreWorkflow extends Workflow("EncoreWorkflow") {
      readonly handlers = [];
    }
    class OtherWorkflow extends Workflow("EncoreWorkflow") {
      readonly handlers = [];
    }
    expect(problems({ workflows: [Nameless] })).toEqual([
      'Nameless has no saved name. Write: class Nameless extends Workflow("Nameless")',
    ]);
    expect(problems({ workflows: [EncoreWorkflow, OtherWorkflow] })).toEqual([
      'Two workflow classes are saved as "EncoreWorkflow": EncoreWorkflow and OtherWorkflow. Give one of them another name.',
    ]);
  });

  test("a part that is listed twice, and would act twice", () => {
    class EncoreWorkflow extends Workflow("EncoreWorkflow") {
      readonly handlers = [];
    }
    expect(problems({ modules: [task, dancer, dancer] })).toEqual([
      "DancerCommandHandler is listed twice, the second time for Dancer. List each module once, each with a command handler of its own.",
    ]);
    expect(problems({ workflows: [EncoreWorkflow, EncoreWorkflow] })).toEqual([
      "The workflow EncoreWorkflow is listed twice. Take one out.",
    ]);
  });

  test("all of it at once", () => {
    expect(problems({ modules: [task, { ...dancer, commands: {}, events: {} }] })).toHaveLength(3);
  });
});

test("an event that nothing handles is no problem, but is reported on request", () => {
  class Rested extends Event("Rested") {}
  const wiring = { ...wired, modules: [task, { ...dancer, events: { Danced, Rested } }] };
  expect(() => checkWiring(wiring)).not.toThrow();
  expect(eventsNobodyTakes(wiring)).toEqual([Rested]);
});

test("a handler of a class also takes its subclasses", () => {
  class Waltz extends Dance {
    static override readonly type = "Waltz";
  }
  expect(changed({ commands: { Dance, Waltz } })).toEqual([]);
});
