import type { BaseCommand } from "../messages/base-command.ts";
import type { CommandFilter } from "./command-service.ts";

/** This command needs to know who asks, and nobody is known. Answer with 401. */
export class UserRequired extends Error {
  readonly commandType: string;

  constructor(commandType: string) {
    super(`${commandType} needs a user: nobody has said who asks.`);
    this.commandType = commandType;
  }
}

type CommandType = abstract new (...values: never[]) => BaseCommand;

/**
 * A filter that refuses commands without a `userId`. The commands in `except` are for anybody:
 *
 *     filters: [requireUser({ except: [AddAuthor] })]
 */
export function requireUser({ except }: { readonly except: readonly CommandType[] }): CommandFilter {
  return (command) => {
    if (!command.userId && !except.some((each) => command instanceof each))
      throw new UserRequired(command.class.type);
  };
}
