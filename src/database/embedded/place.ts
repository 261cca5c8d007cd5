import { join } from "node:path";
import { type Binaries, findBinaries } from "./binaries.ts";
import { type ProcessOwner, processOwner } from "./process-owner.ts";

/** A data directory, and everything that a server in it needs. */
export interface Place extends Binaries {
  readonly directory: string;
  readonly cluster: string;
  readonly log: string;
  readonly owner: ProcessOwner;
}

export const clusterOf = (directory: string): string => join(directory, "postgres");

export function placeOf(directory: string): Place {
  const binaries = findBinaries(directory);
  const cluster = clusterOf(directory);
  const owner = processOwner(directory, cluster, binaries.programs);
  return { directory, cluster, log: join(directory, "postgres.log"), owner, ...binaries };
}
