import { oneRow, rows } from "#sequent/operations";
import { type Check, ok, warning } from "./finding.ts";

/** Reports if the log was moved to another server, and when its epochs began: see log_epochs.sql. */
export const log: Check = async ({ knex }) => {
  const epochs = await rows<{ epoch: number; begun_at: Date }>(
    knex,
    "select epoch, begun_at from sequent_schema.log_epochs order by epoch",
  );
  if (epochs.length === 0) return [ok("nothing is stored yet")];
  const beginnings = epochs.map(({ epoch, begun_at }) => `epoch ${epoch} began ${begun_at.toISOString()}`);

  const select = "select epoch, has_begun from sequent_schema.current_epoch()";
  const { epoch, has_begun } = await oneRow<{ epoch: number; has_begun: boolean }>(knex, select);
  if (!has_begun)
    return [
      warning(
        `it comes from another server, or from an earlier time of this one: ${beginnings.join(", ")}, and epoch ${epoch} ` +
          "begins by itself with the next event. If it was restored from a backup, erase again the people who were erased after it",
        "npm run erase -- --reapply erasures.jsonl",
      ),
    ];
  const moved = epochs.length > 1 ? "it was moved to another server, and is still in order; " : "";
  return [ok(`${moved}${beginnings.join(", ")}`)];
};
