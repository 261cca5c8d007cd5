import type { Attributes } from "#sequent/operations";
import { aggregates, commandClasses, eventTypes } from "../blog.ts";
import { queries } from "../projections/queries.ts";
import { nameOf } from "./console-example.ts";

interface Here {
  readonly description: string;
  readonly example: string;
  /** Messages whose names JavaScript itself uses. */
  readonly taken: readonly string[];
}

/** The lines that the console begins with: what is there, and what to try. */
export function bannerOf({ description, example, taken }: Here): string {
  const commands = commandClasses.map(
    (each) => `${nameOf(each)}${fieldsOf(each.attributes, each.isCreation ? [] : ["aggregateId"])}`,
  );
  return [
    `The blog on ${description}. What you send here is stored, as if it came from a page.`,
    "",
    "  commandService  await commandService.executeCommands(new …({ … })), or dryRun: shows what would happen",
    '  ask             await ask("…", { … }): what a page can ask',
    "  load            await load(Class, id): an aggregate, from its events",
    "  given           await given(Event.of(id, { … })): stores events without a command, to have some data",
    "  blog, queries, log, messages, newId()",
    "",
    ...listed("commands", commands),
    ...listed("events", eventTypes.classes.map(nameOf)),
    ...listed("aggregates", aggregates.map(nameOf)),
    ...listed("queries", Object.keys(queries)),
    ...taken.map((name) => `  ${name} is a word of JavaScript. Yours is messages.${name}.`),
    "",
    `Try: ${example}`,
    "Ctrl-D ends.",
  ].join("\n");
}

function fieldsOf(attributes: Attributes, first: readonly string[]): string {
  const names = Object.entries(attributes).map(([name, { optional }]) => (optional ? `${name}?` : name));
  const fields = [...first, ...names];
  return fields.length > 0 ? ` { ${fields.join(", ")} }` : "";
}

const width = 110;

/** A list in as many lines as it needs, with its title before the first. */
function listed(title: string, names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const line = lines.at(-1);
    if (line === undefined || line.length + name.length + 2 > width - 18) lines.push(name);
    else lines[lines.length - 1] = `${line}, ${name}`;
  }
  return lines.map((line, index) => `  ${(index === 0 ? title : "").padEnd(14)}  ${line}`);
}
