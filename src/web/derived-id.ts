import { v5 } from "uuid";

/** The id of a command that follows from another one: the same each time, so that both are recognised if sent twice. */
export function derivedId(commandId: string, purpose: string): string {
  return v5(purpose, Buffer.from(commandId.replaceAll("-", ""), "hex"));
}
