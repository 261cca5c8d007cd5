import { expect, test } from "vitest";
import { AggregateClosed, AggregateKeyNotUnique, Event } from "#sequent";
import { GivenEvents, newId, RecordedLog, storeFacts } from "#sequent/operations";
import {
  CustomerAdded,
  CustomerEmailSet,
  CustomerErased,
  CustomerNameSet,
} from "../../../fixtures/shop/customer/events.ts";
import { eventTypes, modules, projectors } from "../../../fixtures/shop/shop.ts";
import { countStored } from "../../../support/database.ts";
import { customer, storedEvents, useShop } from "../../../support/shop.ts";

const context = useShop();

function given(...events: Parameters<typeof storeFacts>[1]): Promise<void> {
  const { eventStore } = context.shop;
  return storeFacts({ eventStore, modules, projectors, userId: "program:a test" }, events);
}

class Unlisted extends Event("Unlisted") {}

test("facts are stored with the rows of the views, and continue the events of their aggregate", async () => {
  const id = newId();
  await given(CustomerAdded.of(id), CustomerNameSet.of(id, { name: "Ann" }));
  expect(await context.shop.queries.customer(id)).toMatchObject({ name: "Ann" });
  const ben = customer();
  await context.shop.commandService.executeCommands(ben);
  await given(
    CustomerNameSet.of(ben.aggregateId, { name: "Benjamin" }),
    CustomerNameSet.of(id, { name: "Anna" }),
  );
  expect(await context.shop.queries.customer(ben.aggregateId)).toMatchObject({ name: "Benjamin" });
  const numbers = (await storedEvents(context.database)).map(({ sequenceNumber }) => sequenceNumber);
  expect(numbers.sort()).toEqual([1, 1, 2, 2, 3, 3, 4]);
});

test("facts take unique keys", async () => {
  const id = newId();
  await given(CustomerAdded.of(id), CustomerEmailSet.of(id, { email: "ben@example.com" }));
  await expect(context.shop.commandService.executeCommands(customer())).rejects.toThrow(
    AggregateKeyNotUnique,
  );
});

test("facts are stored with a command that names their source, and keep their time", async () => {
  const id = newId();
  const createdAt = new Date("2020-01-01T00:00:00Z");
  await given(new CustomerAdded({ aggregateId: id, sequenceNumber: 0, createdAt }));
  const [event] = await new RecordedLog(context.database.read, eventTypes).after(undefined, 10);
  expect(event).toMatchObject({
    ...{ createdAt, commandType: GivenEvents.type, userId: "program:a test" },
  });
});

test("facts are refused for a closed aggregate, for an event of no module, or if one of them is no event", async () => {
  const id = newId();
  await given(CustomerAdded.of(id), CustomerErased.of(id, { by: "ann" }));
  await expect(given(CustomerNameSet.of(id, { name: "Ann" }))).rejects.toThrow(AggregateClosed);
  await expect(given(CustomerAdded.of(newId()), Unlisted.of(newId()))).rejects.toThrow(
    "No aggregate of these modules has the event Unlisted.",
  );
  await expect(given(CustomerAdded.of(newId()), customer() as never)).rejects.toThrow("Give events, such as");
  expect(await storedEvents(context.database)).toHaveLength(2);
  await given();
  expect(await countStored(context.database)).toEqual({ events: 2, commands: 1 });
});
