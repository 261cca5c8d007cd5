import type { Knex } from "knex";
import { oneRow } from "#sequent/operations";
import { DatabaseUnavailable } from "./check-server.ts";

/**
 * The SQL files of the event store were changed after they had been run, and no migration changes their tables. The message
 * recommends to throw the tables away only if nothing is stored.
 */
export class MadeByAnotherBuild extends DatabaseUnavailable {
  readonly what: string;
  readonly mend: string;

  constructor(isEmpty: boolean) {
    const what =
      "the database was made by another version of the program, and no migration leads from its tables to those of this one" +
      (isEmpty ? ". Nothing is stored in it" : "");
    const mend = isEmpty
      ? "stop the blog and begin anew: delete the directory DATA_DIR (data/ by default), or let DATABASE_URL name an empty database"
      : "keep it and do one of these: run the version of the program that made it; write a migration from its tables to those " +
        "of this version (docs/reference/database.md); or leave it where it is and let DATABASE_URL, or DATA_DIR, name another, empty one";
    super(`Cannot go on: ${what}.\nTo mend it, ${mend}.`);
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
