import { DatabaseUnavailable } from "../database/check-server.ts";
import { ProjectorOutdated } from "../framework/index.ts";
import { SettingsNotValid } from "../settings.ts";

/** Runs a program of the command line: `--help` explains it, and what the user can mend ends in a message, not a stack. */
export async function command(help: string, run: () => Promise<void>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) return console.log(help);
  if (args.length > 0) {
    console.error(`Not understood: ${args.join(" ")}\n\n${help}`);
    process.exitCode = 1;
    return;
  }
  try {
    await run();
  } catch (error) {
    const expected = [DatabaseUnavailable, ProjectorOutdated, SettingsNotValid].some(
      (each) => error instanceof each,
    );
    console.error(expected && error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
