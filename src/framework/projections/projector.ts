import { codeOf, messageOf, textsIn } from "../errors/describe-error.ts";
import { NotWired } from "../errors/not-wired.ts";
import { ConcurrentChange, StoreUnavailable } from "../errors/store-errors.ts";
import type { BaseEvent } from "../messages/event.ts";
import { WorkNotAwaited } from "../messages/handler-gate.ts";
import { type Handler, handlersOf, type SilentHandler } from "../messages/message-handler.ts";
import { ValueDoesNotFit } from "./misfit.ts";
import type { Persistor } from "./persistor.ts";
import type { ChangesOf, NewRowOf, RowOf, Table, WhereOf } from "./table.ts";

export interface ProjectorClass<P extends BaseProjector = BaseProjector> extends ProjectorDeclaration {
  new (persistor: Persistor): P;
}

interface ProjectorDeclaration {
  /** Its name in the database. It never changes. */
  readonly savedName: string;
  readonly version: number;
  readonly tables: readonly Table[];
  readonly partitioned: boolean;
}

export interface ProjectorOptions<Tables extends readonly Table[]> {
  /** Raise it when the same events give other rows. The view must then be rebuilt. */
  readonly version: number;
  /** The tables that this projector writes. No other projector writes them. */
  readonly tables: Tables;
  /** True if every row depends on one aggregate only. A replay then works on several aggregates at once. */
  readonly partitioned?: boolean;
}

/**
 * Declares a projector: its name in the database, which never changes, its version and its tables. It turns events into
 * rows of these tables and does nothing else, because a rebuild runs it again.
 *
 *     export class AuthorProjector extends Projector("AuthorProjector", { version: 1, tables: [authorRecords] }) {
 *       readonly handlers = [
 *         on(AuthorNameSet, ({ aggregateId, name }) => this.update(authorRecords, { aggregate_id: aggregateId }, { name })),
 *       ];
 *     }
 */
export function Projector<const Tables extends readonly Table[]>(
  savedName: string,
  { version, tables, partitioned = false }: ProjectorOptions<Tables>,
): DeclaredProjectorClass<Tables[number]> {
  abstract class DeclaredProjector extends BaseProjector<Tables[number]> {
    static readonly savedName = savedName;
    static readonly version = version;
    static readonly tables = tables;
    static readonly partitioned = partitioned;
  }
  return DeclaredProjector;
}

type DeclaredProjectorClass<Managed extends Table> = ProjectorDeclaration &
  (abstract new (
    persistor: Persistor,
  ) => BaseProjector<Managed>);

/** What all projectors have in common. `Managed` are its tables. */
export abstract class BaseProjector<Managed extends Table = Table> {
  abstract readonly handlers: readonly SilentHandler[];
  readonly #persistor: Persistor;
  readonly #tables: readonly Table[];
  /** The last event. */
  #event: BaseEvent | undefined;
  #open = false;
  #finding = 0;
  #refused: WorkNotAwaited | undefined;

  constructor(persistor: Persistor) {
    this.#persistor = persistor;
    this.#tables = this.class.tables;
  }

  get class(): ProjectorClass {
    return this.constructor as ProjectorClass;
  }

  /** Returns a promise only if there is something to await: a replay projects millions of events. */
  project(
    event: BaseEvent,
    handlers: readonly Handler[] = this.handlersOf(event),
  ): Promise<void> | undefined {
    if (handlers.length === 0) return undefined;
    this.throwRefused();
    this.#event = event;
    this.#open = true;
    let waiting: Promise<unknown> | undefined;
    try {
      for (const handler of handlers) {
        const result = waiting ? waiting.then(() => handler.handle(event)) : handler.handle(event);
        if (result instanceof Promise) waiting = result;
      }
    } catch (error) {
      throw this.#failure(event, error);
    }
    if (!waiting) this.#end(event);
    return waiting?.then(
      () => this.#end(event),
      (error) => {
        throw this.#failure(event, error);
      },
    );
  }

  /** Code that forgot to await may also have ignored the error. So it is thrown again. */
  throwRefused(): void {
    if (this.#refused) throw this.#refused;
  }

  /** All events of one class have the same handlers. */
  handlersOf(event: BaseEvent): readonly Handler[] {
    return handlersOf(this.handlers, event);
  }

  #end(event: BaseEvent): void {
    this.#open = false;
    if (this.#finding > 0) throw this.#failure(event, this.#notAwaited("ended while it was still finding"));
  }

  #notAwaited(why: string): WorkNotAwaited {
    const { class: projectorClass } = this;
    const whose = `The handler of ${this.#event?.class.type} in ${projectorClass.savedName}`;
    this.#refused ??= new WorkNotAwaited(whose, why, "await this.find(…)");
    return this.#refused;
  }

  #failure(event: BaseEvent, error: unknown): unknown {
    this.#open = false;
    return isOfTheStore(error) ? error : new ProjectorFailed(this.class.savedName, event, { cause: error });
  }

  protected create<T extends Managed>(table: T, row: NewRowOf<T>): void {
    this.#managed(table, "create").create(table, row);
  }

  protected createOrUpdate<T extends Managed>(table: T, row: NewRowOf<T>): void {
    this.#managed(table, "createOrUpdate").createOrUpdate(table, row);
  }

  protected update<T extends Managed>(table: T, where: WhereOf<T>, changes: ChangesOf<T>): void {
    this.#managed(table, "update").update(table, where, changes);
  }

  protected delete<T extends Managed>(table: T, where: WhereOf<T>): void {
    this.#managed(table, "delete").delete(table, where);
  }

  /** If the handler has ended, this never resolves: its event has failed, and the rest of the handler must not run. */
  protected find<T extends Managed>(table: T, where: WhereOf<T>): Promise<RowOf<T> | undefined> {
    const finding = this.#managed(table, "find").find(table, where);
    this.#finding += 1;
    return finding.then(
      (row) => (this.#isAwaited() ? row : new Promise<never>(() => {})),
      (error) => {
        if (this.#isAwaited()) throw error;
        return new Promise<never>(() => {});
      },
    );
  }

  #isAwaited(): boolean {
    this.#finding -= 1;
    return this.#open;
  }

  #managed(table: Table, what: string): Persistor {
    if (!this.#event)
      throw new TypeError(`${this.class.savedName} called ${what} without an event. Call it in a handler.`);
    if (!this.#open) throw this.#notAwaited(`had ended when ${what} was called`);
    if (!this.#tables.includes(table)) throw new TableNotManaged(this.class.savedName, table.name);
    return this.#persistor;
  }
}

/** True if the projector did not cause the error and another try may help, or if the error already names its projector. */
function isOfTheStore(error: unknown): boolean {
  return (
    error instanceof ConcurrentChange || error instanceof StoreUnavailable || error instanceof ProjectorFailed
  );
}

/** A projector threw, or the database refused its rows. The command fails, and nothing is stored. */
export class ProjectorFailed extends Error {
  readonly projector: string;
  readonly #event: BaseEvent;

  constructor(projector: string, event: BaseEvent, options: ErrorOptions) {
    const code = codeOf(options.cause);
    // A value of the event may equal the name of a table or column. These names are no secrets, so keep them.
    const hidden = options.cause instanceof ValueDoesNotFit ? [] : textsOf(event);
    const why = messageOf(options.cause, hidden);
    super(
      `${projector} failed on ${event.class.type} (${event.aggregateId}, number ${event.sequenceNumber}): ` +
        (code === undefined ? why : `${why} (${code})`),
      options,
    );
    this.projector = projector;
    this.#event = event;
  }

  /** A getter, not a field: a log that writes the fields of an error must not contain the values of the event. */
  get event(): BaseEvent {
    return this.#event;
  }

  get hidden(): readonly string[] {
    return textsOf(this.#event);
  }
}

function textsOf({ aggregateId: _, ...attributes }: BaseEvent): readonly string[] {
  return textsIn(attributes);
}

/** A projector used a table that it does not list in its declaration. */
export class TableNotManaged extends Error {
  readonly projector: string;
  readonly table: string;

  constructor(projector: string, table: string) {
    super(
      `${projector} does not manage the table "${table}". List it in Projector("${projector}", { tables: […] }), or leave it alone.`,
    );
    this.projector = projector;
    this.table = table;
  }
}

/**
 * Each name and each table belongs to one projector. Two projectors would overwrite each other's rows, and nobody could
 * rebuild one without the other.
 */
export function checkProjectors(projectors: readonly NamedProjectorClass[]): void {
  const classes = new Map<string, NamedProjectorClass>();
  const owners = new Map<string, string>();
  for (const projector of projectors) {
    const { name, savedName, tables } = projector;
    const known = classes.get(savedName);
    if (known === projector)
      throw new NotWired([`The projector ${savedName} is listed twice. Take one out.`]);
    if (known)
      throw new NotWired([
        `Two projectors are saved as "${savedName}": ${known.name} and ${name}. Give one of them another name in Projector("…").`,
      ]);
    classes.set(savedName, projector);
    for (const table of tables) {
      const owner = owners.get(table.name);
      if (owner)
        throw new NotWired([
          `The table "${table.name}" is listed by ${owner} and by ${savedName}. A table belongs to one projector: take it out of the tables of the other.`,
        ]);
      owners.set(table.name, savedName);
    }
  }
}

type NamedProjectorClass = ProjectorClass & { readonly name?: string };
