import { format, inspect } from "node:util";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { AggregateKeyNotUnique, on, Workflow } from "#sequent";
import {
  CommandService,
  describeError,
  EventNotReadable,
  EventTypes,
  errorText,
  InMemoryEventStore,
  newId,
  ProjectorFailed,
  SnapshotTaker,
} from "#sequent/operations";
import { Customer } from "../../../fixtures/shop/customer/customer.ts";
import { CustomerNameSet } from "../../../fixtures/shop/customer/events.ts";
import { useShop } from "../../../support/shop.ts";
import { AddTask, TaskAdded, TaskCommandHandler, taskEvents } from "../support/tasks.ts";

const context = useShop();
const aggregateId = newId();
const event = CustomerNameSet.of(aggregateId, { name: "Zelda Quill" });
const failed = (cause: unknown) => new ProjectorFailed("CustomerProjector", event, { cause });
const ofDatabase = (message: string, code: string) =>
  Object.assign(new pg.DatabaseError(message, message.length, "error"), {
    code,
    detail: "Failing row contains (Zelda Quill).",
    where: "COPY customer_records, line 1: Zelda Quill",
  });

describe("the description of an error", () => {
  test("names projector, event, aggregate, number and cause, with the stacks of both", () => {
    const text = errorText(failed(new TypeError("no such luck")));
    expect(text).toMatch(
      `ProjectorFailed: CustomerProjector failed on CustomerNameSet (${aggregateId}, number 0): no such luck\n    at `,
    );
    expect(text).toMatch("\nbecause of TypeError: no such luck\n    at ");
    expect(text).toMatch("describe-error.test.ts");
  });

  test.each([
    new Error("Zelda Quill has no row"),
    new Error('nothing for {"name":"Zelda Quill"}', { cause: new RangeError("Zelda Quill is too long") }),
    ofDatabase('invalid input syntax for type uuid: "Zelda "Quill"', "22P02"),
    ofDatabase('value "Zelda Quill" is out of range for type integer', "22003"),
    ofDatabase("value too long for type character varying(5)", "22001"),
    "Zelda Quill",
  ])("has no values of the event: %s", (cause) => {
    const error = failed(cause);
    const written = [error.message, errorText(error), JSON.stringify(describeError(error))].join("\n");
    expect(written).not.toMatch(/zelda|quill/i);
    expect(written).toMatch(aggregateId);
    expect({ ...error }).toEqual({ projector: "CustomerProjector" });
    if (cause instanceof pg.DatabaseError) expect(error.message).toMatch(`(${cause.code})`);
  });

  test("has no values of an event that cannot be read either", () => {
    const json = { name: "Zelda Quill" };
    class Upcast extends CustomerNameSet {
      static override readonly upcasts = [
        () => {
          throw new Error("Zelda Quill has no first name");
        },
      ];
    }
    const stored = {
      aggregateId,
      sequenceNumber: 2,
      createdAt: new Date(),
      type: "CustomerNameSet",
      version: 0,
    };
    const load = (name: unknown, eventClass: typeof CustomerNameSet) => () =>
      new EventTypes([{ eventClass }]).load({ ...stored, payload: { ...json, name: name as string } });
    for (const loading of [load(["Zelda Quill"], CustomerNameSet), load("Zelda Quill", Upcast)]) {
      const error = thrownBy(loading);
      expect(error).toBeInstanceOf(EventNotReadable);
      expect(errorText(error) + inspect({ ...(error as object) })).not.toMatch(/zelda|quill/i);
      expect(errorText(error)).toMatch("Is an upcast missing?");
    }
  });

  test("has no taken key, and no value of a statement", async () => {
    const taken = new AggregateKeyNotUnique("customer_email", "zelda@quill.example");
    const statement = await context.database.patient
      .raw("select ?::text from nowhere", ["Zelda Quill"])
      .catch((error) => error);
    expect(errorText(statement)).toMatch(/relation "nowhere" does not exist.*\(42P01\)/);
    expect(errorText(taken) + errorText(statement)).not.toMatch(/zelda|quill/i);
  });

  test("has an end if an error is its own cause", () => {
    const error = new Error("first");
    error.cause = new Error("second", { cause: error });
    expect(errorText(error)).toMatch(/^Error: first.*because of Error: second.*because of Error: first/s);
  });

  test("shows a thrown value that is no error", () => {
    expect(errorText("Zelda Quill")).toBe("a string that was thrown");
    expect(errorText(failed("Zelda Quill"))).toMatch(
      /: a string was thrown\n[\s\S]*\nbecause of a string that was thrown$/,
    );
  });
});

test("errors of a task after the commit or of a snapshot are on stderr by default, without values", async () => {
  const written = vi.spyOn(console, "error").mockImplementation(() => {});
  const wording = () => format(...(written.mock.lastCall ?? []));

  class Failing extends Workflow("Failing") {
    readonly handlers = [
      on(TaskAdded, () =>
        this.afterCommit(() => {
          throw failed(new Error("Zelda Quill has no row"));
        }),
      ),
    ];
  }
  const eventStore = new InMemoryEventStore(new EventTypes([taskEvents]));
  const options = { eventStore, commandHandlers: [TaskCommandHandler], workflows: [Failing] };
  await new CommandService(options).executeCommands(new AddTask({ title: "One" }));
  expect(wording()).toMatch(`failed on CustomerNameSet (${aggregateId}, number 0): … has no row`);
  expect(wording()).not.toMatch(/zelda|quill/i);

  const broken = Object.assign(new InMemoryEventStore(new EventTypes([taskEvents])), {
    load: () => Promise.reject(failed(new Error("Zelda Quill has no snapshot"))),
  });
  const snapshots = new SnapshotTaker(broken);
  snapshots.takeSoon([{ aggregateClass: Customer, aggregateId }]);
  await snapshots.idle();
  expect(wording()).toMatch("… has no snapshot");
  expect(wording()).not.toMatch(/zelda|quill/i);
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}
