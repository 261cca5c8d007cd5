import type { Lab } from "../harness/lab.ts";
import { startEmbedded, startOnServer } from "./start/first-answer.ts";
import { memoryUnderLoad } from "./start/memory.ts";

/** The time from `npm start` to the first page, and the memory of the process under load. */
export async function start(lab: Lab): Promise<void> {
  await startEmbedded(lab);
  await startOnServer(lab);
  await memoryUnderLoad(lab);
}
