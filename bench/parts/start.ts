import type { Lab } from "../harness/lab.ts";
import { startEmbedded, startOnServer } from "./start/first-answer.ts";
import { memoryUnderLoad } from "./start/memory.ts";

/** From `npm start` to the first page that was answered, and what the process takes while it works. */
export async function start(lab: Lab): Promise<void> {
  await startEmbedded(lab);
  await startOnServer(lab);
  await memoryUnderLoad(lab);
}
