import { beforeEach, describe, expect, test } from "vitest";
import {
  AggregateClosed,
  AggregateNotFound,
  AggregateRoot,
  type BaseCommand,
  boolean,
  Command,
  CommandHandler,
  CreationCommand,
  Event,
  on,
  optional,
  reference,
} from "#sequent";
import { CommandService, EventTypes, InMemoryEventStore, newId } from "#sequent/operations";
import { FlakyStore } from "../support/flaky-store.ts";

class AccountOpened extends Event("AccountOpened") {}
class AccountUsed extends Event("AccountUsed") {}
class AccountClosed extends Event("AccountClosed") {}
class CardAdded extends Event("CardAdded") {}

class OpenAccount extends CreationCommand("OpenAccount") {}
class UseAccount extends Command("UseAccount") {}
class LookAtAccount extends Command("LookAtAccount") {}
class CloseAccount extends Command("CloseAccount") {}
class CloseAndUseAccount extends Command("CloseAndUseAccount") {}
class AddCard extends CreationCommand("AddCard", { account: reference("Account") }) {}
class AddCardOfKnown extends CreationCommand("AddCardOfKnown", { account: reference("Account") }) {}

class Account extends AggregateRoot("Account", { isAtItsEnd: optional(boolean()) }) {
  override get isClosed(): boolean {
    return this.state.isAtItsEnd === true;
  }

  opened(): this {
    this.apply(AccountOpened);
    return this;
  }

  use(): void {
    this.apply(AccountUsed);
  }

  close(): void {
    this.apply(AccountClosed);
  }

  readonly handlers = [on(AccountClosed, () => ({ isAtItsEnd: true }))];
}

class Card extends AggregateRoot("Card") {
  readonly handlers = [];

  added(): this {
    this.apply(CardAdded);
    return this;
  }
}

class BankCommandHandler extends CommandHandler {
  readonly handlers = [
    on(OpenAccount, ({ aggregateId }) => this.repository.addAggregate(new Account(aggregateId).opened())),
    on(UseAccount, (command) => this.doWithAggregate(command, Account, (account) => account.use())),
    on(LookAtAccount, async ({ aggregateId }) => {
      await this.repository.loadAggregate(Account, aggregateId);
    }),
    on(CloseAccount, (command) => this.doWithAggregate(command, Account, (account) => account.close())),
    on(CloseAndUseAccount, (command) =>
      this.doWithAggregate(command, Account, (account) => {
        account.close();
        account.use();
      }),
    ),
    on(AddCard, ({ aggregateId }) => this.repository.addAggregate(new Card(aggregateId).added())),
    on(AddCardOfKnown, async ({ aggregateId, account }) => {
      await this.repository.loadAggregate(Account, account);
      this.repository.addAggregate(new Card(aggregateId).added());
    }),
  ];
}

const account = newId();
let store: InMemoryEventStore;
let flaky: FlakyStore;
let execute: (...commands: BaseCommand[]) => Promise<unknown>;

beforeEach(async () => {
  store = new InMemoryEventStore(new EventTypes([{ AccountOpened, AccountUsed, AccountClosed, CardAdded }]));
  flaky = new FlakyStore();
  const service = new CommandService({
    eventStore: flaky.wrap(store),
    commandHandlers: [BankCommandHandler],
  });
  execute = (...commands) => service.executeCommands(...commands);
  await execute(new OpenAccount({ aggregateId: account }));
});

const close = () => new CloseAccount({ aggregateId: account });
const events = async () => store.events.map((event) => event.class.type);

describe("a closed aggregate", () => {
  const refusals: [string, () => BaseCommand][] = [
    ["accepts no command", () => new UseAccount({ aggregateId: account })],
    ["is not closed again", close],
    ["cannot be referred to", () => new AddCard({ account })],
    ["cannot be referred to by a command that has loaded it", () => new AddCardOfKnown({ account })],
  ];

  test.each(refusals)("%s", async (_, command) => {
    await execute(close());
    const before = await events();
    const executing = execute(command());
    await expect(executing).rejects.toThrow(AggregateClosed);
    await expect(executing).rejects.toMatchObject({ aggregateType: "Account", aggregateId: account });
    expect(await events()).toEqual(before);
  });

  test.each(refusals)("%s by a later command of the unit of work that closes it", async (_, command) => {
    await expect(execute(close(), command())).rejects.toThrow(AggregateClosed);
    expect(await events()).toEqual(["AccountOpened"]);
  });

  test("can be read", async () => {
    await execute(close(), new LookAtAccount({ aggregateId: account }));
    await execute(new LookAtAccount({ aggregateId: account }));
  });

  test("has its closing as its last event", async () => {
    await expect(execute(new CloseAndUseAccount({ aggregateId: account }))).rejects.toThrow(AggregateClosed);
    expect(await events()).toEqual(["AccountOpened"]);
    await execute(new UseAccount({ aggregateId: account }));
  });

  test("may have been referred to before, also in the same unit of work", async () => {
    await execute(new AddCard({ account }));
    await execute(new AddCard({ account }), close());
    expect(await events()).toEqual(["AccountOpened", "CardAdded", "CardAdded", "AccountClosed"]);
  });

  test("may be closed by the unit of work that adds it", async () => {
    const other = newId();
    await execute(new OpenAccount({ aggregateId: other }), new CloseAccount({ aggregateId: other }));
    await expect(execute(new AddCard({ account: other }))).rejects.toThrow(AggregateClosed);
  });

  test("gives the first answer if the command that closed it is sent again", async () => {
    const command = close();
    const results = await execute(command);
    expect(await execute(command)).toEqual(results);
  });

  test("is reported as missing, not as closed, to a reference of another type", async () => {
    class AddWrongly extends CreationCommand("AddWrongly", { card: reference("Card") }) {}
    class WrongCommandHandler extends CommandHandler {
      readonly handlers = [
        on(AddWrongly, ({ aggregateId }) => this.repository.addAggregate(new Card(aggregateId).added())),
      ];
    }
    await execute(close());
    const service = new CommandService({ eventStore: store, commandHandlers: [WrongCommandHandler] });
    await expect(service.executeCommands(new AddWrongly({ card: account }))).rejects.toThrow(
      AggregateNotFound,
    );
  });
});

describe("an aggregate that somebody else closes meanwhile", () => {
  const others = () => new CommandService({ eventStore: store, commandHandlers: [BankCommandHandler] });

  test.each<[string, () => BaseCommand]>([
    ["cannot be referred to", () => new AddCard({ account })],
    ["cannot be referred to by a command that loaded it before", () => new AddCardOfKnown({ account })],
    ["gets no more events", () => new UseAccount({ aggregateId: account })],
  ])("%s", async (_, command) => {
    flaky.commits.push(async (commit) => {
      await others().executeCommands(close());
      await commit();
    });
    await expect(execute(command())).rejects.toThrow(AggregateClosed);
    expect(await events()).toEqual(["AccountOpened", "AccountClosed"]);
  });
});

test("nothing else is closed", async () => {
  expect(new Card(newId()).isClosed).toBe(false);
});
