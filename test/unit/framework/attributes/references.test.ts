import { beforeEach, describe, expect, test } from "vitest";
import {
  AggregateNotFound,
  AggregateRoot,
  type BaseCommand,
  CommandHandler,
  CreationCommand,
  Event,
  list,
  object,
  on,
  optional,
  reference,
  string,
  ValueObject,
} from "#sequent";
import { CommandService, EventTypes, InMemoryEventStore, newId } from "#sequent/operations";

class CustomerAdded extends Event("CustomerAdded") {}
class ProductAdded extends Event("ProductAdded") {}
class OrderAdded extends Event("OrderAdded") {}

class AddCustomer extends CreationCommand("AddCustomer") {}
class AddProduct extends CreationCommand("AddProduct") {}
class Line extends ValueObject({ product: reference("Product"), gift: optional(reference("Product")) }) {}
class AddOrder extends CreationCommand("AddOrder", {
  customer: reference("Customer"),
  payer: optional(reference("Customer")),
  lines: list(object(Line)),
  first: optional(object(Line)),
  seen: optional(list(reference("Product"))),
  note: optional(string()),
}) {}

class Customer extends AggregateRoot("Customer") {
  readonly handlers = [];

  added(): this {
    this.apply(CustomerAdded);
    return this;
  }
}
class Product extends AggregateRoot("Product") {
  readonly handlers = [];

  added(): this {
    this.apply(ProductAdded);
    return this;
  }
}
class Order extends AggregateRoot("Order") {
  readonly handlers = [];

  added(): this {
    this.apply(OrderAdded);
    return this;
  }
}
class ShopCommandHandler extends CommandHandler {
  readonly handlers = [
    on(AddCustomer, ({ aggregateId }) => this.repository.addAggregate(new Customer(aggregateId).added())),
    on(AddProduct, ({ aggregateId }) => this.repository.addAggregate(new Product(aggregateId).added())),
    on(AddOrder, ({ aggregateId }) => this.repository.addAggregate(new Order(aggregateId).added())),
  ];
}

const [customer, product, unknown] = [newId(), newId(), newId()];
let store: InMemoryEventStore;
let execute: (...commands: BaseCommand[]) => Promise<unknown>;

beforeEach(async () => {
  store = new InMemoryEventStore(new EventTypes([{ CustomerAdded, ProductAdded, OrderAdded }]));
  const service = new CommandService({ eventStore: store, commandHandlers: [ShopCommandHandler] });
  execute = (...commands) => service.executeCommands(...commands);
  await execute(new AddCustomer({ aggregateId: customer }), new AddProduct({ aggregateId: product }));
});

const line = new Line({ product });
const order = { customer, lines: [line] };

describe("a command that refers to other aggregates", () => {
  test("is stored if all of them exist, and if optional ones are left out", async () => {
    const full = { payer: customer, first: new Line({ product, gift: product }), seen: [product, product] };
    await execute(new AddOrder(order), new AddOrder({ ...order, ...full, lines: [line, line] }));
    expect(store.events).toHaveLength(4);
  });

  test.each<[string, string, Partial<AddOrder>]>([
    ["itself", "Customer", { customer: unknown }],
    ["as an optional reference", "Customer", { payer: unknown }],
    ["in a list of value objects", "Product", { lines: [line, new Line({ product: unknown })] }],
    ["deep within", "Product", { lines: [new Line({ product, gift: unknown })] }],
    ["in a value object", "Product", { first: new Line({ product: unknown }) }],
    ["in a list", "Product", { seen: [product, unknown] }],
  ])("is refused if one does not exist: %s", async (_, aggregateType, values) => {
    const executing = execute(new AddOrder({ ...order, ...values }));
    await expect(executing).rejects.toThrow(AggregateNotFound);
    await expect(executing).rejects.toMatchObject({ aggregateType, aggregateId: unknown });
    expect(store.events).toHaveLength(2);
  });

  test("is refused if one has another type", async () => {
    for (const payer of [product, undefined]) {
      const executing = execute(new AddOrder({ ...order, customer: product, payer }));
      await expect(executing).rejects.toMatchObject({ aggregateType: "Customer", aggregateId: product });
    }
  });

  test("may refer to aggregates that the same unit of work adds before it or after it", async () => {
    const [before, after] = [newId(), newId()];
    await execute(
      new AddCustomer({ aggregateId: before }),
      new AddOrder({ ...order, customer: before, payer: after }),
      new AddCustomer({ aggregateId: after }),
    );
    expect(store.events).toHaveLength(5);
  });
});

test("the places of the references of a command are found when it is declared", () => {
  expect(AddOrder.references.map(({ path }) => path)).toEqual([
    "customer",
    "payer",
    "lines[].product",
    "lines[].gift",
    "first.product",
    "first.gift",
    "seen[]",
  ]);
  expect(AddProduct.references).toEqual([]);
});
