import type { Knex } from "knex";
import type { JsonObject } from "../attributes/attribute.ts";
import { erasePersonal } from "../attributes/personal.ts";
import type { CommandClass } from "../messages/base-command.ts";
import type { EventTypes, StoredEvent } from "../messages/event-types.ts";
import { eventColumns } from "../store/postgres/columns.ts";
import { rows } from "../store/postgres/rows.ts";

/** All declarations, to find the personal attributes. */
export interface Declarations {
  readonly eventTypes: EventTypes;
  readonly commandClasses: readonly CommandClass[];
}

/** The personal values in the facts of an aggregate, and the facts without them. */
export interface PersonalAttributes {
  readonly values: readonly string[];
  readonly events: readonly { sequence_number: number; event_version: number; payload: JsonObject }[];
  readonly commands: readonly { command_id: string; payload: JsonObject }[];
}

export async function findPersonalAttributes(
  knex: Knex,
  aggregateId: string,
  { eventTypes, commandClasses }: Declarations,
): Promise<PersonalAttributes> {
  const values = new Set<string>();
  const events = (await rows<StoredEvent>(knex, eventsOf, [aggregateId])).flatMap((row) => {
    const { attributes, upcasts } = eventTypes.classOf(row.type);
    const payload = eventTypes.upcast(row);
    const found = erasePersonal(attributes, payload);
    for (const value of found.values) values.add(value);
    // A value that an upcast removes is still in the older event.
    if (found.values.length === 0 && row.version === upcasts.length) return [];
    return { sequence_number: row.sequenceNumber, event_version: upcasts.length, payload: found.json };
  });

  const attributesOf = new Map(commandClasses.map(({ type, attributes }) => [type, attributes]));
  const commands = (await rows<CommandRow>(knex, commandsOf, [aggregateId])).flatMap((row) => {
    const attributes = attributesOf.get(row.command_type);
    if (!attributes) throw new UnknownCommandType(row.command_type);
    const found = erasePersonal(attributes, row.payload);
    for (const value of found.values) values.add(value);
    return found.values.length > 0 ? { command_id: row.command_id, payload: found.json } : [];
  });
  return { values: [...values], events, commands };
}

/** The program does not know the class of a stored command, so nobody can say which of its values are personal. */
export class UnknownCommandType extends Error {
  readonly type: string;

  constructor(type: string) {
    super(
      `No class is known for the stored command type "${type}", so nobody can say which of its values are personal. Put the class back.`,
    );
    this.type = type;
  }
}

interface CommandRow {
  readonly command_id: string;
  readonly command_type: string;
  readonly payload: JsonObject;
}

const eventsOf = `
select event.aggregate_id as "aggregateId",
       ${eventColumns}
  from sequent_schema.events as event
 where event.aggregate_id = ?
 order by event.sequence_number`;

const commandsOf =
  "select command_id, command_type, payload from sequent_schema.commands where aggregate_id = ?";
