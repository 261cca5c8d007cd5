import type { Values } from "./row-change.ts";
import { Increment, type Table } from "./table.ts";

/** The values as Postgres gives them back, and nobody else's to change. Most tables have no column that needs it. */
export function keptValues({ kept, columns }: Table, values: Values): Values {
  if (kept.length === 0) return values;
  const copy: Record<string, unknown> = { ...values };
  for (const name of kept) {
    const value = copy[name];
    if (value !== undefined && value !== null && !(value instanceof Increment))
      copy[name] = columns[name]?.keep?.(value);
  }
  return copy;
}
