import { isUuid } from "../framework/index.ts";
import { command, NotUnderstood } from "./command.ts";
import { type Erasable, ErasureRun, isErasable } from "./erasure-run.ts";
import { withDatabase } from "./with-database.ts";

const help = `Erases what is personal of an author, for ever: from events, commands, views, keys and snapshots.

  npm run erase -- author <id>     erases, then searches all tables and prints a certificate
      --dry-run                    only says how much there is to erase, and where else it stands
      --by <who>                   recorded with it; by default the user of the system
      --reason <why>               recorded with it: not the name or the address
  npm run erase -- --list          the erasures that are recorded, a line of JSON each, to be kept with the backups
  npm run erase -- --reapply       finishes those that were stopped
  npm run erase -- --reapply list.jsonl
                                   after a restore: erases whom an earlier --list names
  npm run erase -- --search <text> searches all tables for a text, once more

Posts stay, signed "[erased]". Safe to stop and to run again. Ends with 1 where something is found, and says where.
What remains until later (backups, logs of the server): docs/guides/erasing-a-person.md`;

const options = {
  "dry-run": { type: "boolean" },
  by: { type: "string" },
  reason: { type: "string" },
  list: { type: "boolean" },
  reapply: { type: "boolean" },
  search: { type: "string" },
} as const;

await command(
  help,
  async ({ values, positionals: [first, id] }) => {
    const { list, search, reapply, by, reason } = values;
    if (search?.trim() === "") throw new NotUnderstood("Say what to search for.");
    const asked = list || search !== undefined || reapply ? undefined : whom(first, id);
    await withDatabase(async (database) => {
      const run = new ErasureRun(database);
      if (list) await run.list();
      else if (search !== undefined) await run.search(search);
      else if (reapply) await run.reapply(first);
      else if (asked && values["dry-run"]) await run.preview(asked);
      else if (asked) await run.erase({ ...asked, by, reason });
    });
  },
  { options, allowPositionals: true },
);

function whom(kind = "", id = ""): Erasable {
  if (kind === "") throw new NotUnderstood('Say whom to erase, as in "author <id>".');
  if (!isErasable(kind)) throw new NotUnderstood(`Say whom to erase, as in "author <id>", not "${kind}".`);
  if (!isUuid(id))
    throw new NotUnderstood(
      `${id ? `"${id}" is not an id` : `The id of the ${kind} is missing`}: it is in the address of their page.`,
    );
  return { kind, id };
}
