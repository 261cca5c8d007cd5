import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { AggregateNotFound } from "#sequent";
import {
  AggregateRepository,
  isUuid,
  messageOf,
  PersonalErasure,
  recordedErasures,
  type Search,
  searchEveryTable,
  vacuum,
  WrongAggregateType,
} from "#sequent/operations";
import { accounts } from "../accounts.ts";
import { commandClasses, createBlog, erasures, eventTypes } from "../blog.ts";
import type { Database } from "../database/database.ts";
import { PostgresSignInStore } from "../database/sign-in/sign-in-store.ts";
import { byProgram } from "./by-program.ts";
import { certificate, counted } from "./certificate.ts";
import { Refused } from "./command.ts";
import { Progress } from "./progress.ts";

export interface Erasable {
  readonly kind: string;
  readonly id: string;
}

/** The person who erases, and the reason. */
interface Wording {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** A recorded erasure, as it is listed. */
interface Listed extends Erasable, Wording {}

/** The kinds of people who can be erased. */
export const kinds = erasures.map(({ kind }) => kind);

export const isErasable = (kind: unknown): kind is string => kinds.some((each) => each === kind);

const events = erasures.map(({ event }) => event);

/** The work and the output of `npm run erase`. */
export class ErasureRun {
  readonly #database: Database;
  readonly #erasure: PersonalErasure;
  readonly #repository: AggregateRepository;

  constructor(database: Database) {
    this.#database = database;
    const { commandService, eventStore } = createBlog({ ...database, filters: [byProgram("npm run erase")] });
    const knex = database.patient;
    this.#erasure = new PersonalErasure({ knex, commandService, eventTypes, commandClasses });
    this.#repository = new AggregateRepository(eventStore);
  }

  /** With `dryRun`, only counts and searches. */
  async erase(whom: readonly Erasable[], wording: Wording & { dryRun?: boolean | undefined }): Promise<void> {
    // Look for all of them first, so a wrong id is reported before anything is erased.
    for (const each of whom) if (!(await this.#isKnown(each))) throw new Refused(unknown(each));
    for (const each of whom) await this.#erase({ ...each, ...wording }, wording.dryRun);
    if (!wording.dryRun) await vacuum(this.#database.patient);
  }

  async list(): Promise<void> {
    for (const listed of await this.#recorded()) console.log(JSON.stringify(listed));
  }

  /** Erases the people of a list who are not erased yet. Without a list, finishes erasures that were interrupted. */
  async reapply(file: string | undefined): Promise<void> {
    const recorded = await this.#recorded();
    const unfinished = await this.#erasure.unfinished(events);
    const listed = file === undefined ? recorded : await readList(file);
    const done = new Set(recorded.map(({ id }) => id).filter((id) => !unfinished.includes(id)));
    const left = listed.filter(({ id }) => !done.has(id));
    for (const each of left) {
      // A person who signed up after the backup is not in the restored database.
      if (await this.#isKnown(each)) await this.#erase(each);
      else console.log(`${unknown(each)} Skipped.`);
    }
    await vacuum(this.#database.patient);
    console.log(`${left.length} of ${listed.length} erasures were left to do.`);
  }

  async search(texts: readonly string[]): Promise<void> {
    const progress = new Progress("Searching", "tables");
    const search = await searchEveryTable(this.#database.patient, texts, progress.at);
    progress.end();
    report(search);
  }

  async #erase({ kind, id, by = userOfSystem(), reason }: Listed, dryRun = false): Promise<void> {
    const command = new (erasureOf(kind).command)({ aggregateId: id, by, ...(reason ? { reason } : {}) });
    if (accounts && !dryRun) await endSignIn(new PostgresSignInStore(this.#database.write, accounts), id);
    const progress = new Progress("Searching", "tables");
    const { search, events, commands } = await this.#erasure.erase(command, { dryRun, onTable: progress.at });
    progress.end();
    const amount = `${kind} ${id}: ${counted(events, "event")} and ${counted(commands, "command")}.`;
    if (!search) {
      console.log(alreadyErased(`${kind} ${id}`));
      process.exitCode = 1;
    } else if (dryRun) console.log(`Would erase ${amount} Nothing was changed.\n${certificate(search)}`);
    else {
      console.log(`Erased ${amount}`);
      report(search);
    }
  }

  async #isKnown({ kind, id }: Erasable): Promise<boolean> {
    try {
      await this.#repository.loadAggregate(erasureOf(kind).aggregate, id);
      return true;
    } catch (error) {
      if (error instanceof AggregateNotFound || error instanceof WrongAggregateType) return false;
      throw error;
    }
  }

  async #recorded() {
    const kindOf = new Map(erasures.map(({ kind, event }) => [event.type, kind]));
    return (await recordedErasures(this.#database.patient, events)).map(
      ({ aggregateId: id, type, at, attributes }) => ({ kind: kindOf.get(type), id, at, ...attributes }),
    ) as (Listed & { readonly at: Date })[];
  }
}

/** A link holds an address, which the search would find. */
async function endSignIn(signInStore: PostgresSignInStore, accountId: string): Promise<void> {
  await signInStore.endLinks(accountId);
  await signInStore.endSessions(accountId);
}

function erasureOf(kind: string) {
  const found = erasures.find((each) => each.kind === kind);
  if (!found) throw new TypeError(`No module has an erasure of the kind "${kind}".`);
  return found;
}

function report(search: Search): void {
  console.log(certificate(search));
  if (search.found === 0 && search.unreadable.length === 0) return;
  console.log("Somebody has to look there and decide.");
  process.exitCode = 1;
}

const unknown = ({ kind, id }: Erasable) => `There is no ${kind} ${id}.`;

const alreadyErased = (whom: string) =>
  `The ${whom} is erased already: nothing personal is left in the events and commands, so there is nothing to search for.
To see whether the name is found elsewhere: npm run erase -- --search "<name>" --search "<address>"`;

/** In a container, the user of the system may have no name. */
function userOfSystem(): string {
  try {
    return userInfo().username;
  } catch {
    throw new Refused("The user of the system has no name. Say who erases: --by <who>");
  }
}

async function readList(file: string): Promise<Listed[]> {
  try {
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => {
      const listed: Listed = JSON.parse(line);
      if (!isErasable(listed.kind) || typeof listed.id !== "string" || !isUuid(listed.id))
        throw new TypeError(`not an erasure: ${line}`);
      return listed;
    });
  } catch (error) {
    throw new Refused(`${file} is not a list of erasures, as --list prints it: ${messageOf(error, [])}`);
  }
}
