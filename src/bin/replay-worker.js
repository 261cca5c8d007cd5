import { run } from "../one-file.js";

await run(new URL("./replay-worker.ts", import.meta.url));
