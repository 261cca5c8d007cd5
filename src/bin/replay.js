import { run } from "../one-file.js";

await run(new URL("./replay.ts", import.meta.url));
