import { CommandNotValid } from "#sequent";
import type { CommandService, domainOf, RecordedLog } from "#sequent/operations";

type Domain = ReturnType<typeof domainOf>;
type CommandClass = Domain["commandClasses"][number];

interface Here extends Pick<Domain, "aggregates" | "commandClasses"> {
  readonly log: RecordedLog;
  readonly commandService: Pick<CommandService, "dryRun">;
}

/** A line that works if it is pasted: it loads the aggregate that changed last, or sends a first command. */
export async function exampleOf({ log, commandService, aggregates, commandClasses }: Here): Promise<string> {
  const [last] = await log.after(await log.beforeNewest(1), 1);
  const changed = aggregates.find(({ type }) => type === last?.aggregateType);
  if (last && changed) return `await load(${changed.name}, "${last.aggregateId}")`;
  for (const commandClass of commandClasses.filter(({ isCreation }) => isCreation)) {
    const values = await acceptedValues(commandClass, commandService);
    if (values) return `await commandService.executeCommands(new ${nameOf(commandClass)}(${textOf(values)}))`;
  }
  return "await log.after(undefined, 10)";
}

const samples: readonly unknown[] = [
  "An example",
  "someone@example.com",
  true,
  1,
  "1.50",
  "2026-11-20",
  "2026-11-20T09:00:00Z",
];

/** Tries values for each attribute until a dry run accepts them, or gives up. */
async function acceptedValues(
  commandClass: CommandClass,
  commandService: Here["commandService"],
): Promise<Record<string, unknown> | undefined> {
  const needed = Object.entries(commandClass.attributes).filter(([, { optional }]) => !optional);
  const values: Record<string, unknown> = Object.fromEntries(needed.map(([name]) => [name, samples[0]]));
  for (const _ of samples) {
    try {
      await commandService.dryRun(new commandClass(values as never));
      return values;
    } catch (error) {
      if (!(error instanceof CommandNotValid)) return undefined;
      for (const name of Object.keys(error.errors)) values[name] = samples[samples.indexOf(values[name]) + 1];
    }
  }
  return undefined;
}

function textOf(values: object): string {
  const fields = Object.entries(values).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
}

/** Its class may have another name than the one under which it is saved. */
export const nameOf = (messageClass: object): string =>
  "name" in messageClass ? String(messageClass.name) : "";
