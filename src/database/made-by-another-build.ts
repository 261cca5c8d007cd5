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

  constructor(stored: Stored | undefined) {
    const isEmpty = stored?.events === 0 && stored.commands === 0;
    const what =
      "the database was made by another version of the program, and no migration leads from its tables to those of this one. " +
      (stored ? `It holds ${amountOf(stored)}` : "What it holds could not be counted");
    const mend = isEmpty ? mendOfEmpty : mendOfFull;
    super(`Cannot go on: ${what}.\nTo mend it, ${mend}.`);
    this.what = what;
    this.mend = mend;
  }

  static async of(knex: Knex): Promise<MadeByAnotherBuild> {
    const { countable } = await oneRow<{ countable: boolean }>(
      knex,
      "select to_regclass('sequent_schema.events') is not null and to_regclass('sequent_schema.commands') is not null as countable",
    );
    return new MadeByAnotherBuild(countable ? await oneRow<Stored>(knex, countStored) : undefined);
  }
}

interface Stored {
  readonly events: number;
  readonly commands: number;
}

const mendOfEmpty =
  "stop the blog and begin anew: delete the directory DATA_DIR (data/ by default), or let DATABASE_URL name an empty database";

const mendOfFull =
  "keep it and do one of these: run the version of the program that made it; write a migration from its tables to those " +
  "of this version (docs/reference/database.md); or leave it where it is and let DATABASE_URL, or DATA_DIR, name another, empty one";

/** Counting a whole large log would take too long. */
const most = 1_000_000;

const countStored = `
select (select count(*)::integer from (select from sequent_schema.events limit ${most}) as events) as events,
       (select count(*)::integer from (select from sequent_schema.commands limit ${most}) as commands) as commands`;

function amountOf({ events, commands }: Stored): string {
  return `${count(events, "event")} and ${count(commands, "command")}`;
}

function count(number: number, what: string): string {
  if (number === 0) return `no ${what}s`;
  const orMore = number === most ? " or more" : "";
  return `${number.toLocaleString("en")}${orMore} ${what}${number === 1 ? "" : "s"}`;
}
