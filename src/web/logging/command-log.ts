import type { NextFunction, Request, RequestHandler, Response } from "express";
import { type BaseCommand, CommandNotValid } from "#sequent";
import { type CommandResult, type CommandService, isUuid } from "#sequent/operations";
import type { Logger } from "./log.ts";

export type Commands = Pick<CommandService, "executeCommands">;

/** Who executes the commands of this request. */
export function commandsOf(res: Response): Commands {
  return res.locals["commands"] as Commands;
}

/** Writes a line for each command, whether it was executed or refused, which names its request. */
export function commandLog(service: Commands, log: Logger): RequestHandler {
  return (_req: Request, res: Response, next: NextFunction) => {
    res.locals["commands"] = loggedCommands(service, log, res.locals["requestId"]);
    next();
  };
}

function loggedCommands(service: Commands, log: Logger, requestId: unknown): Commands {
  return {
    async executeCommands(...commands: readonly BaseCommand[]): Promise<CommandResult[]> {
      const started = performance.now();
      try {
        const results = await service.executeCommands(...commands);
        const ms = Math.round((performance.now() - started) * 10) / 10;
        for (const [index, result] of results.entries()) {
          log.info({ requestId, command: commands[index]?.class.type, ...result, ms }, "command");
        }
        return results;
      } catch (error) {
        const [command] = commands;
        logRejection(log, error, {
          requestId,
          ...(command && { command: command.class.type, commandId: command.commandId }),
        });
        throw error;
      }
    },
  };
}

/** Those that have their line: an error passes several who could write one. */
const logged = new WeakSet<object>();

/** One line for what was refused: the name of the error and what identifies things, never what was typed. */
export function logRejection(log: Logger, error: unknown, of: object): void {
  if (!(error instanceof Error) || logged.has(error)) return;
  logged.add(error);
  const fields = error instanceof CommandNotValid ? { fields: Object.keys(error.errors).slice(0, 20) } : {};
  log.info({ ...of, rejection: error.constructor.name, ...fields, ...identifying(error) }, "rejected");
}

const names = ["commandType", "seenVersion", "actualVersion", "scope", "limit", "origin"];

/** Ids are nobody's words, whatever the error calls them. */
function identifying(error: Error): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(error)) {
    if (isUuid(value) || (names.includes(name) && typeof value === "number")) found[name] = value;
    else if (names.includes(name) && typeof value === "string") found[name] = value.slice(0, 200);
  }
  return found;
}
