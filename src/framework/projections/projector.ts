import { ConcurrentChange, StoreUnavailable } from "../errors/store-errors.ts";
import type { BaseEvent } from "../messages/event.ts";
import { HandlerGate } from "../messages/handler-gate.ts";
import { HandlersByClass, type SilentHandler } from "../messages/message-handler.ts";
import type { Persistor } from "./persistor.ts";
import { ProjectorFailed } from "./projector-failed.ts";
import type { ProjectedEvent } from "./row-change.ts";
import type { ChangesOf, NewRowOf, RowOf, Table, WhereOf } from "./table.ts";
import { fitting, fittingRow } from "./values.ts";

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

interface ProjectorOptions<Tables extends readonly Table[]> {
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
  readonly #handlers = new HandlersByClass();
  readonly #gate = new HandlerGate(undefined, "await this.find(…)");
  #cause: ProjectedEvent | undefined;

  constructor(persistor: Persistor) {
    this.#persistor = persistor;
  }

  get class(): ProjectorClass {
    return this.constructor as ProjectorClass;
  }

  async project(event: BaseEvent): Promise<void> {
    const handlers = this.#handlers.of(this.handlers, event);
    if (handlers.length === 0) return;
    this.throwRefused();
    const projector = this.class.savedName;
    this.#cause = { projector, event };
    try {
      for (const handler of handlers)
        await this.#gate.during(`The handler of ${event.class.type} in ${projector}`, () =>
          handler.handle(event),
        );
    } catch (error) {
      throw isOfTheStore(error) ? error : new ProjectorFailed(projector, event, { cause: error });
    }
  }

  /** Code that forgot to await may also have ignored the error. So it is thrown again. */
  throwRefused(): void {
    this.#gate.throwRefused();
  }

  protected create<T extends Managed>(table: T, row: NewRowOf<T>): void {
    const cause = this.#causeOf(table, "create");
    this.#persistor.write({ kind: "insert", table, values: fittingRow(table, row), cause });
  }

  protected createOrUpdate<T extends Managed>(table: T, row: NewRowOf<T>): void {
    const cause = this.#causeOf(table, "createOrUpdate");
    fittingRow(table, row); // all columns must fit: it may become a new row
    this.#persistor.write({ kind: "upsert", table, values: fitting(table, row), cause });
  }

  protected update<T extends Managed>(table: T, where: WhereOf<T>, changes: ChangesOf<T>): void {
    const cause = this.#causeOf(table, "update");
    this.#persistor.write({
      kind: "update",
      table,
      where: fitting(table, where),
      changes: fitting(table, changes),
      cause,
    });
  }

  protected delete<T extends Managed>(table: T, where: WhereOf<T>): void {
    const cause = this.#causeOf(table, "delete");
    this.#persistor.write({ kind: "delete", table, where: fitting(table, where), cause });
  }

  protected async find<T extends Managed>(table: T, where: WhereOf<T>): Promise<RowOf<T> | undefined> {
    this.#causeOf(table, "find");
    const find = () => this.#persistor.find(table, fitting(table, where));
    return (await this.#gate.load("find", find)) as RowOf<T> | undefined;
  }

  #causeOf(table: Table, what: string): ProjectedEvent {
    const { savedName, tables } = this.class;
    if (!this.#cause)
      throw new TypeError(`${savedName} called ${what} without an event. Call it in a handler.`);
    this.#gate.check(what, "was called");
    if (!tables.includes(table)) throw new TableNotManaged(savedName, table.name);
    return this.#cause;
  }
}

/** True if the projector did not cause the error and another try may help, or if the error already names its projector. */
function isOfTheStore(error: unknown): boolean {
  return (
    error instanceof ConcurrentChange || error instanceof StoreUnavailable || error instanceof ProjectorFailed
  );
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
