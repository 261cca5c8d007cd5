import { NotWired } from "../errors/not-wired.ts";
import type { ProjectorClass } from "./projector.ts";

/**
 * Each name and each table belongs to one projector. Two projectors would overwrite each other's rows, and nobody could
 * rebuild one without the other.
 */
export function checkProjectors(projectors: readonly NamedProjectorClass[]): void {
  const classes = new Map<string, NamedProjectorClass>();
  const owners = new Map<string, string>();
  for (const projector of projectors) {
    const { name, savedName, tables } = projector;
    const known = classes.get(savedName);
    if (known === projector)
      throw new NotWired([`The projector ${savedName} is listed twice. Take one out.`]);
    if (known)
      throw new NotWired([
        `Two projectors are saved as "${savedName}": ${known.name} and ${name}. Give one of them another name in Projector("…").`,
      ]);
    classes.set(savedName, projector);
    for (const table of tables) {
      const owner = owners.get(table.name);
      if (owner)
        throw new NotWired([
          `The table "${table.name}" is listed by ${owner} and by ${savedName}. A table belongs to one projector: take it out of the tables of the other.`,
        ]);
      owners.set(table.name, savedName);
    }
  }
}

type NamedProjectorClass = ProjectorClass & { readonly name?: string };
