import { Refused } from "../../src/bin/command.ts";
import { SystemServer } from "../../test/support/system-server.ts";
import type { Step } from "./chapters.ts";

/** The address of a server in the text. */
export const told = "localhost:5432";

/** For steps that need a Postgres server: one that is made for this check, so no database of the user is touched. */
export async function serverFor(steps: readonly Step[]): Promise<SystemServer | undefined> {
  if (!steps.some(needsServer)) return undefined;
  if (await SystemServer.isInstalled()) return SystemServer.create();
  throw new Refused(
    "The chapter about going live needs the programs of Postgres, such as initdb and pg_dump. Install them, or check the chapters before it, with --to 6.",
  );
}

export function needsServer({ acts }: Step): boolean {
  return acts.some((act) => act.kind === "run" && act.commands.some(({ line }) => line.includes(told)));
}
