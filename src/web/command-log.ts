import {
  type BaseCommand,
  CommandNotValid,
  type CommandResult,
  type CommandService,
} from "../framework/index.ts";
import type { Logger } from "./log.ts";

type Commands = Pick<CommandService, "executeCommands">;

/** Writes a line for each command, whether it was executed or refused. */
export function loggedCommands(service: Commands, log: Logger): Commands {
  return {
    async executeCommands(...commands: readonly BaseCommand[]): Promise<CommandResult[]> {
      const started = performance.now();
      try {
        const results = await service.executeCommands(...commands);
        const ms = Math.round((performance.now() - started) * 10) / 10;
        for (const [index, result] of results.entries()) {
          log.info({ command: commands[index]?.class.type, ...result, ms }, "command");
        }
        return results;
      } catch (error) {
        const [command] = commands;
        logRejection(log, error, command && { command: command.class.type, commandId: command.commandId });
        throw error;
      }
    },
  };
}

/** Those that have their line: an error passes several who could write one. */
const logged = new WeakSet<object>();

/** One line for what was refused: the name of the error and what identifies things, never what was typed. */
export function logRejection(log: Logger, error: unknown, command: object = {}): void {
  if (!(error instanceof Error) || logged.has(error)) return;
  logged.add(error);
  const fields = error instanceof CommandNotValid ? { fields: Object.keys(error.errors).slice(0, 20) } : {};
  log.info({ ...command, rejection: error.constructor.name, ...fields, ...identifying(error) }, "rejected");
}

const names = [
  "commandType",
  "aggregateId",
  "postId",
  "expectedVersion",
  "actualVersion",
  "scope",
  "limit",
  "origin",
];

function identifying(error: Error): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    const value = (error as unknown as Record<string, unknown>)[name];
    if (typeof value === "number") found[name] = value;
    if (typeof value === "string") found[name] = value.slice(0, 200);
  }
  return found;
}
