interface Item {
  readonly aggregateId: string;
}

interface Options<Each extends Item> {
  /** How many run at once. */
  readonly concurrency: number;
  readonly handle: (item: Each) => Promise<void>;
  /** Called when all items before this one are handled, with the number of handled items. */
  readonly onHandled: (count: number) => void;
  /** True if no more may begin. */
  readonly isStopping: () => boolean;
}

/**
 * Handles items, several aggregates side by side, but the items of each aggregate in their order. It stays close together: an
 * item begins only if not too many are waiting for an earlier one, so that few come again after a crash. After an error it begins
 * no more, waits for those that run, and throws the error.
 */
export async function sideBySide<Each extends Item>(
  items: readonly Each[],
  { concurrency, handle, onHandled, isStopping }: Options<Each>,
): Promise<void> {
  const window = 2 * concurrency;
  const begun = new Set<number>();
  const done = new Set<number>();
  const running = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  let first = 0;

  const run = async (item: Each, index: number) => {
    try {
      await handle(item);
      done.add(index);
      while (done.delete(first)) {
        begun.delete(first);
        first += 1;
      }
      onHandled(first);
    } catch (error) {
      failures.push(error);
    } finally {
      running.delete(item.aggregateId);
    }
  };
  const next = () => {
    const waiting = new Set<string>();
    for (let index = first; index < Math.min(items.length, first + window); index += 1) {
      const item = items[index];
      if (!item || begun.has(index)) continue;
      if (!running.has(item.aggregateId) && !waiting.has(item.aggregateId)) return { item, index };
      waiting.add(item.aggregateId);
    }
    return undefined;
  };

  for (;;) {
    while (running.size < concurrency && failures.length === 0 && !isStopping()) {
      const found = next();
      if (!found) break;
      begun.add(found.index);
      running.set(found.item.aggregateId, run(found.item, found.index));
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failures.length > 0) throw failures[0];
}
