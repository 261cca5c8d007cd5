import type { Knex } from "knex";
import { oneRow } from "#sequent/operations";
import { DatabaseUnavailable } from "./check-server.ts";

/**
 * The SQL files of the event store have changed since they made the tables, and no migration changes the tables. The message
 * suggests deleting them only if nothing is stored.
 */
export class MadeByAnotherBuild extends DatabaseUnavailable {
  readonly what: string;
  readonly mend: string;

  constructor(isEmpty: boolean) {
    const what =
      "another version of the program made the database, and no migration leads from its tables to those of this version" +
      (isEmpty ? ". Nothing is stored in it" : "");
    const mend = isEmpty
      ? 'start with empty tables: run "npm run reset", or set DATABASE_URL or DATA_DIR to an empty database'
      : "keep it and do one of these: run the version of the program that made it; write a migration from its tables to those " +
        "of this version (docs/reference/database.md); or leave it and set DATABASE_URL or DATA_DIR to an empty database";
    super(`Cannot continue: ${what}.\nWhat to do: ${mend}.`);
    this.what = what;
    this.mend = mend;
  }

  static async of(knex: Knex): Promise<MadeByAnotherBuild> {
    const { empty } = await oneRow<{ empty: boolean }>(knex, selectEmpty).catch(() => ({ empty: false }));
    return new MadeByAnotherBuild(empty);
  }
}

const selectEmpty = `
select not exists (select from sequent_schema.events)
   and not exists (select from sequent_schema.commands) as empty`;
