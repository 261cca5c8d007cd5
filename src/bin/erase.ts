import { isUuid } from "#sequent/operations";
import { type Arguments, command, NotUnderstood, Refused } from "./command.ts";
import { type Erasable, ErasureRun, isErasable, kinds } from "./erasure-run.ts";
import { withDatabase } from "./with-database.ts";

const [example = "person"] = kinds;

const help = `Erases the personal data of people${kinds.length > 0 ? ` (${kinds.join(", ")})` : ""}, for ever: from events, commands, views, keys and snapshots.

  npm run erase -- ${`${example} <id> …`.padEnd(16)}erases each of them, searches all tables and prints a certificate
      --dry-run                    only says how much there is to erase, and where it is found
      --by <who>                   recorded with it for ever; by default the user of the system
      --reason <why>               recorded with it: not the name or the address
  npm run erase -- --list          the erasures that are recorded, a line of JSON each, to be kept with the backups
  npm run erase -- --reapply       finishes those that were stopped
  npm run erase -- --reapply list.jsonl
                                   after a restore: erases those of an earlier --list
  npm run erase -- --search <text> searches all tables for a text; for several: --search <text> --search <text>

What they wrote stays, signed "[erased]". Safe to rerun if interrupted. Ends with 0 only if it searched and found nothing;
otherwise it says where something was found, or how to search.
Where copies remain for a time (backups, logs of the server): docs/guides/erasing-a-person.md`;

const options = {
  "dry-run": { type: "boolean" },
  by: { type: "string" },
  reason: { type: "string" },
  list: { type: "boolean" },
  reapply: { type: "boolean" },
  search: { type: "string", multiple: true },
} as const;

type Values = Arguments<{ options: typeof options }>["values"];

await command(
  help,
  async ({ values, positionals }) => {
    const task = taskOf(values, positionals);
    await withDatabase((database) => task(new ErasureRun(database)));
  },
  { options, allowPositionals: true },
);

/** The wanted task. No argument is ignored: arguments that do not go together are refused. */
function taskOf(values: Values, words: readonly string[]): (run: ErasureRun) => Promise<void> {
  const { list, reapply, search, by, reason, "dry-run": dryRun } = values;
  const modes = [list && "--list", reapply && "--reapply", search && "--search"].filter(Boolean);
  if (modes.length > 1) throw new NotUnderstood(`${modes.join(" and ")} cannot be given together.`);
  const [mode] = modes;
  const [first, ...more] = words;
  const stray = mode === "--reapply" ? more[0] : first;
  if (mode && stray) throw new NotUnderstood(`${mode} takes no "${stray}".`);
  if (mode && (dryRun || by !== undefined || reason !== undefined))
    throw new NotUnderstood(`--dry-run, --by and --reason are for erasing: ${example} <id>`);
  refuseEmpty("--by", by, "say who erases");
  refuseEmpty("--reason", reason, "say why");
  if (search?.some((text) => text.trim() === "")) throw new NotUnderstood("Say what to search for.");

  if (list) return (run) => run.list();
  if (search) return (run) => run.search(search);
  if (reapply) return (run) => run.reapply(first);
  const asked = whom(first, more);
  return (run) => run.erase(asked, { by, reason, dryRun });
}

function refuseEmpty(option: string, value: string | undefined, advice: string): void {
  if (value?.trim() === "") throw new NotUnderstood(`${option} is empty: ${advice}, or leave it out.`);
}

function whom(kind = "", ids: readonly string[]): Erasable[] {
  if (kinds.length === 0)
    throw new Refused("No aggregate here can be erased yet. docs/guides/erasing-a-person.md says how.");
  if (kind === "") throw new NotUnderstood(`Say whom to erase, as in "${example} <id>".`);
  if (!isErasable(kind))
    throw new NotUnderstood(`Say whom to erase, as in "${example} <id>", not "${kind}".`);
  const where = "it is in the address of their page.";
  if (ids.length === 0) throw new NotUnderstood(`The id of the ${kind} is missing: ${where}`);
  const other = ids.find((id) => !isUuid(id));
  if (other !== undefined) throw new NotUnderstood(`"${other}" is not an id: ${where}`);
  return [...new Set(ids)].map((id) => ({ kind, id }));
}
