import type { EventStore, UnitOfWork } from "#sequent/operations";

type Rows = Parameters<Parameters<EventStore["store"]>[0]>[0];

/** A unit of work that a test runs step by step, next to others. */
export function begin(store: EventStore, options?: Parameters<EventStore["store"]>[1]) {
  let end: { with(unit: UnitOfWork): void; without(): void } | undefined;
  let begun: (rows: Rows) => void;
  const rows = new Promise<Rows>((resolve) => {
    begun = resolve;
  });
  const storing = store.store((rows) => {
    begun(rows);
    return new Promise<UnitOfWork>((resolve, reject) => {
      end = { with: resolve, without: () => reject(new Error("rolled back")) };
    });
  }, options);
  storing.catch(() => {}); // whoever ends it gets the error
  const ending = async () => {
    await rows;
    return end;
  };
  return {
    readRow: async (...asked: Parameters<Rows["readRow"]>) => (await rows).readRow(...asked),
    write: async (...changes: Parameters<Rows["write"]>) => (await rows).write(...changes),
    /** Stores it, or only pretends to, as the options say. */
    async commit(unit: UnitOfWork): Promise<void> {
      (await ending())?.with(unit);
      await storing;
    },
    async rollback(): Promise<void> {
      (await ending())?.without();
      await storing.catch(() => {});
    },
  };
}
