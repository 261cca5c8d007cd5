import { type CommandFilter, userOfProgram } from "#sequent/operations";

/** Makes a program the user of its commands, unless they have one: `npm run events` shows this. */
export function byProgram(name: string): CommandFilter {
  return (command) => command.inheritUser(userOfProgram(name));
}
