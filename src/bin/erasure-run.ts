import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { commandClasses, createBlog, erasures, eventTypes } from "../blog.ts";
import type { Database } from "../database/database.ts";
import {
  AggregateNotFound,
  PersonalErasure,
  recordedErasures,
  type Search,
  searchEveryTable,
  vacuum,
  WrongAggregateType,
} from "../framework/index.ts";
import { amountOf, certificate, isClean, searchProgress } from "./certificate.ts";
import { Refused } from "./command.ts";

export interface Erasable {
  readonly kind: keyof typeof erasures;
  readonly id: string;
}

/** An erasure as it is recorded and listed. */
export interface Listed extends Erasable {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

export const isErasable = (kind: unknown): kind is Erasable["kind"] =>
  typeof kind === "string" && Object.hasOwn(erasures, kind);

const events = Object.values(erasures).map(({ event }) => event);

/** What `npm run erase` does, and prints. */
export class ErasureRun {
  readonly #database: Database;
  readonly #erasure: PersonalErasure;

  constructor(database: Database) {
    this.#database = database;
    const { commandService } = createBlog(database);
    this.#erasure = new PersonalErasure({
      knex: database.patient,
      commandService,
      eventTypes,
      commandClasses,
    });
  }

  async erase(who: Listed): Promise<void> {
    const { kind, id, by = userInfo().username, reason } = who;
    const progress = searchProgress();
    const command = new erasures[kind].command({ aggregateId: id, by, ...(reason ? { reason } : {}) });
    const erased = await this.#erasure.erase(command, progress.onTable).catch((error) => {
      throw isUnknown(error) ? new Refused(`There is no ${kind} ${id}.`) : error;
    });
    progress.end();
    console.log(`Erased ${kind} ${id}: ${amountOf(erased)}.`);
    if (erased.search) report(erased.search);
    else
      console.log(
        "Nothing personal was left in its facts. To search for a text: npm run erase -- --search <text>",
      );
    await vacuum(this.#database.patient);
  }

  async preview({ kind, id }: Erasable): Promise<void> {
    const progress = searchProgress();
    const found = await this.#erasure.preview(id, progress.onTable);
    progress.end();
    console.log(`Would erase ${kind} ${id}: ${amountOf(found)}. Nothing was changed.`);
    if (found.search) console.log(certificate(found.search));
  }

  async list(): Promise<void> {
    for (const listed of await this.#recorded()) console.log(JSON.stringify(listed));
  }

  /** Those of a list that are not erased, or without one, those that are recorded but were stopped. */
  async reapply(file: string | undefined): Promise<void> {
    const recorded = await this.#recorded();
    const unfinished = await this.#erasure.unfinished(events);
    const listed = file === undefined ? recorded : await readList(file);
    const done = new Set(recorded.map(({ id }) => id).filter((id) => !unfinished.includes(id)));
    const left = listed.filter(({ id }) => !done.has(id));
    for (const each of left) {
      await this.erase(each).catch((error) => {
        if (!(error instanceof Refused)) throw error;
        console.log(`${error.message} Skipped.`); // signed up after the backup that was restored
      });
    }
    console.log(`${left.length} of ${listed.length} erasures were left to do.`);
  }

  async search(text: string): Promise<void> {
    const progress = searchProgress();
    const search = await searchEveryTable(this.#database.patient, [text], progress.onTable);
    progress.end();
    report(search);
  }

  async #recorded() {
    const kinds = Object.keys(erasures).filter(isErasable);
    const kindOf = new Map(kinds.map((kind) => [erasures[kind].event.type, kind]));
    return (await recordedErasures(this.#database.patient, events)).map(
      ({ aggregateId: id, type, at, attributes }) => ({
        kind: kindOf.get(type) ?? kinds[0],
        id,
        at,
        ...attributes,
      }),
    ) as (Listed & { readonly at: Date })[];
  }
}

function report(search: Search): void {
  console.log(certificate(search));
  if (isClean(search)) return;
  console.log("Somebody has to look there and decide.");
  process.exitCode = 1;
}

const isUnknown = (error: unknown) =>
  error instanceof AggregateNotFound || error instanceof WrongAggregateType;

async function readList(file: string): Promise<Listed[]> {
  try {
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => {
      const listed = JSON.parse(line) as Listed;
      if (!isErasable(listed.kind) || typeof listed.id !== "string")
        throw new TypeError(`not an erasure: ${line}`);
      return listed;
    });
  } catch (error) {
    throw new Refused(`${file} is not a list of erasures, as --list prints it: ${(error as Error).message}`);
  }
}
