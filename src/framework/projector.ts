import { messageOf, textsIn } from "./describe-error.ts";
import type { BaseEvent } from "./event.ts";
import { ConcurrentChange, StoreUnavailable } from "./event-store/errors.ts";
import { type Handler, handlersOf } from "./message-handler.ts";
import type { Persistor } from "./persistor/persistor.ts";
import type { ChangesOf, NewRowOf, RowOf, Table, WhereOf } from "./persistor/table.ts";

export interface ProjectorClass<P extends Projector = Projector> {
  new (persistor: Persistor): P;
  readonly tables: readonly Table[];
  readonly version: number;
  readonly partitioned: boolean;
}

/**
 * Folds events into the rows of its tables, and does nothing else: a rebuild runs it again.
 *
 *     export class AuthorProjector extends Projector {
 *       static readonly tables = [authorRecords];
 *       readonly handlers = [
 *         on(AuthorNameSet, ({ aggregateId, name }) => this.update(authorRecords, { aggregate_id: aggregateId }, { name })),
 *       ];
 *     }
 */
export abstract class Projector {
  /** The tables that this projector, and no other, writes. */
  static readonly tables: readonly Table[] = [];
  /** Raise it when the rows would come out differently: then the view is due for a rebuild. */
  static readonly version: number = 1;
  /**
   * True where no row is made of the events of more than one aggregate. Then a replay reads aggregate by aggregate, on
   * several workers.
   */
  static readonly partitioned: boolean = false;

  abstract readonly handlers: readonly Handler[];
  readonly #persistor: Persistor;
  readonly #tables: readonly Table[];

  constructor(persistor: Persistor) {
    this.#persistor = persistor;
    this.#tables = (this.constructor as unknown as ProjectorClass).tables;
  }

  /** Gives a promise only where something has to be waited for: a replay projects millions of events. */
  project(
    event: BaseEvent,
    handlers: readonly Handler[] = this.handlersOf(event),
  ): Promise<void> | undefined {
    let waiting: Promise<unknown> | undefined;
    try {
      for (const handler of handlers) {
        const result = waiting ? waiting.then(() => handler.handle(event)) : handler.handle(event);
        if (result instanceof Promise) waiting = result;
      }
    } catch (error) {
      throw this.#failure(event, error);
    }
    return waiting?.then(
      () => {},
      (error) => {
        throw this.#failure(event, error);
      },
    );
  }

  /** The same for all events of a class. */
  handlersOf(event: BaseEvent): readonly Handler[] {
    return handlersOf(this.handlers, event);
  }

  #failure(event: BaseEvent, error: unknown): unknown {
    return isOfTheStore(error) ? error : new ProjectorFailed(this.constructor.name, event, { cause: error });
  }

  protected create<T extends Table>(table: T, row: NewRowOf<T>): void {
    this.#managed(table).create(table, row);
  }

  protected createOrUpdate<T extends Table>(table: T, row: NewRowOf<T>): void {
    this.#managed(table).createOrUpdate(table, row);
  }

  protected update<T extends Table>(table: T, where: WhereOf<T>, changes: ChangesOf<T>): void {
    this.#managed(table).update(table, where, changes);
  }

  protected delete<T extends Table>(table: T, where: WhereOf<T>): void {
    this.#managed(table).delete(table, where);
  }

  protected find<T extends Table>(table: T, where: WhereOf<T>): Promise<RowOf<T> | undefined> {
    return this.#managed(table).find(table, where);
  }

  #managed(table: Table): Persistor {
    if (!this.#tables.includes(table)) throw new TableNotManaged(this.constructor.name, table.name);
    return this.#persistor;
  }
}

/** Not the projector's fault, and often gone at the next try; or one that names its projector already. */
function isOfTheStore(error: unknown): boolean {
  return (
    error instanceof ConcurrentChange || error instanceof StoreUnavailable || error instanceof ProjectorFailed
  );
}

/** A projector threw, or the database refused what it wrote. The command that led to the event is rolled back. */
export class ProjectorFailed extends Error {
  readonly projector: string;
  readonly #event: BaseEvent;

  constructor(projector: string, event: BaseEvent, options: ErrorOptions) {
    const { code } = (options.cause ?? {}) as { code?: unknown };
    const why = messageOf(options.cause, textsIn(attributesOf(event)));
    super(
      `${projector} failed on ${event.class.type} (${event.aggregateId}, number ${event.sequenceNumber}): ` +
        (typeof code === "string" ? `${why} (${code})` : why),
      options,
    );
    this.projector = projector;
    this.#event = event;
  }

  /** No field: who writes the error to a log must not write what the event says. */
  get event(): BaseEvent {
    return this.#event;
  }

  get hidden(): readonly string[] {
    return textsIn(attributesOf(this.#event));
  }
}

function attributesOf({ aggregateId: _, ...attributes }: BaseEvent): object {
  return attributes;
}

/** A projector may only touch the tables that it lists in `static tables`. */
export class TableNotManaged extends Error {
  readonly projector: string;
  readonly table: string;

  constructor(projector: string, table: string) {
    super(
      `${projector} does not manage the table "${table}". List it in its static tables, or leave it alone.`,
    );
    this.projector = projector;
    this.table = table;
  }
}

/** Each table belongs to one projector; two would overwrite one another and could not be rebuilt apart. */
export function checkTables(projectors: readonly ProjectorClass[]): void {
  const owners = new Map<string, string>();
  for (const projector of projectors) {
    for (const { name } of projector.tables) {
      const owner = owners.get(name);
      if (owner)
        throw new TypeError(
          `The table "${name}" is managed by ${owner} and by ${projector.name}: one must leave it.`,
        );
      owners.set(name, projector.name);
    }
  }
}
