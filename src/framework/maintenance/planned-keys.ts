import type { Knex } from "knex";
import { composeKey } from "../aggregates/aggregate-repository.ts";
import { rows } from "../store/postgres/rows.ts";

/** The keys that an aggregate of this version is to have. */
export interface WantedKeys {
  readonly aggregate_id: string;
  readonly version: number;
  readonly keys: readonly { readonly scope: string; readonly key: string }[];
}

export interface KeyOutcome {
  readonly aggregate_id: string;
  readonly outcome: "stored" | "conflict" | "changed";
  readonly scope: string | null;
  readonly taken_by: string | null;
}

/** Does what `backfill_unique_keys` does, to keys that are only remembered. */
export function dryRun(knex: Knex): (wanted: readonly WantedKeys[]) => Promise<KeyOutcome[]> {
  const planned = new Map<string, string>();
  const freed = new Set<string>();

  return async (wanted) => {
    const keys = wanted.flatMap((each) => each.keys);
    const owners = await rows<OwnerRow>(knex, ownersOf, [
      keys.map(({ scope }) => scope),
      keys.map(({ key }) => key),
    ]);
    const taken = new Map(
      owners.map(({ scope, key, aggregate_id }) => [composeKey(scope, key), aggregate_id]),
    );
    const held = await rows<OwnerRow>(knex, heldBy, [wanted.map(({ aggregate_id }) => aggregate_id)]);

    return wanted.map(({ aggregate_id, keys }) => {
      const ownerOf = (composed: string) =>
        planned.get(composed) ?? (freed.has(composed) ? undefined : taken.get(composed));
      const conflict = keys.find(({ scope, key }) => {
        const owner = ownerOf(composeKey(scope, key));
        return owner !== undefined && owner !== aggregate_id;
      });
      if (conflict) {
        const taken_by = ownerOf(composeKey(conflict.scope, conflict.key)) ?? null;
        return { aggregate_id, outcome: "conflict", scope: conflict.scope, taken_by };
      }
      const composed = keys.map(({ scope, key }) => composeKey(scope, key));
      for (const row of held) {
        const key = composeKey(row.scope, row.key);
        if (row.aggregate_id === aggregate_id && !composed.includes(key)) freed.add(key);
      }
      for (const key of composed) planned.set(key, aggregate_id);
      return { aggregate_id, outcome: "stored", scope: null, taken_by: null };
    });
  };
}

interface OwnerRow {
  readonly scope: string;
  readonly key: string;
  readonly aggregate_id: string;
}

const ownersOf = `
select scope, key, aggregate_id
  from sequent_schema.aggregate_unique_keys
  join unnest(?::text[], ?::text[]) as wanted (scope, key) using (scope, key)`;

const heldBy =
  "select scope, key, aggregate_id from sequent_schema.aggregate_unique_keys where aggregate_id = any (?)";
