import { constants, setPriority } from "node:os";
import { DatabaseLost, messageOf, type ReplayPart, runPart } from "#sequent/operations";
import { eventTypes, projectors } from "../blog.ts";
import { connect } from "../database/database.ts";
import { explained } from "../database/explain.ts";
import { readSettings } from "../settings.ts";

// A worker of `npm run replay`. It runs the parts that it gets, and ends with the process that sends them. That process may be killed
// at any time, so the worker listens for this from the start: connecting to the database takes a while.
process.on("disconnect", () => process.exit(0));
if (!process.connected) process.exit(0);

setPriority(constants.priority.PRIORITY_BELOW_NORMAL); // pages on the same machine come first
const database = await connect(readSettings());
const tell = (message: WorkerMessage) => process.send?.(message);

export type WorkerMessage =
  | { readonly kind: "events"; readonly events: number }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly why: string };

process.on("message", async (part: ReplayPart) => {
  try {
    await runPart(database.patient, part, { projectors, eventTypes }, (events) =>
      tell({ kind: "events", events }),
    );
    tell({ kind: "done" });
  } catch (error) {
    tell({ kind: "failed", why: messageOf(DatabaseLost.orElse(await explained(error, database)), []) });
  }
});
