import type { Knex } from "knex";
import { AggregateRoot, Command, CommandHandler, Event, on, string } from "#sequent";
import { CommandService, EventTypes, PostgresEventStore } from "#sequent/operations";

class SetNickname extends Command("SetNickname", { nickname: string(), club: string() }) {}
class NicknameSet extends Event("NicknameSet", { nickname: string(), club: string() }) {}

/** Members of clubs, whose nicknames were not unique at first. */
export class MemberBefore extends AggregateRoot("Member", { nickname: string(), club: string() }) {
  set(values: { nickname: string; club: string }): void {
    this.apply(NicknameSet, values);
  }

  override get uniqueKeys(): Record<string, string> {
    return { club: `${this.state.club} ${this.id}` };
  }

  readonly handlers = [on(NicknameSet, ({ nickname, club }) => ({ nickname, club }))];
}

export class Member extends MemberBefore {
  override get uniqueKeys() {
    return { nickname: this.state.nickname };
  }
}

export const memberEvents = new EventTypes([{ NicknameSet }]);

/** Sets nicknames as the old program did, or as the new one does. */
export function membership(knex: Knex, memberClass: typeof MemberBefore) {
  class Handler extends CommandHandler {
    readonly handlers = [
      on(SetNickname, async ({ aggregateId, nickname, club }) => {
        const known = await this.repository.findAggregate(memberClass, aggregateId);
        const member = known ?? new memberClass(aggregateId);
        member.set({ nickname, club });
        if (!known) this.repository.addAggregate(member);
      }),
    ];
  }
  const service = new CommandService({
    eventStore: new PostgresEventStore(knex, memberEvents),
    commandHandlers: [Handler],
  });
  return (aggregateId: string, nickname: string, club = "chess") =>
    service.executeCommands(new SetNickname({ aggregateId, nickname, club }));
}

/** The stored keys and their aggregates. */
export async function storedKeys(knex: Knex): Promise<Record<string, string>> {
  const { rows } = await knex.raw(
    "select scope, key, aggregate_id from sequent_schema.aggregate_unique_keys",
  );
  return Object.fromEntries(
    (rows as { scope: string; key: string; aggregate_id: string }[]).map((row) => [
      `${row.scope} ${row.key}`,
      row.aggregate_id,
    ]),
  );
}
