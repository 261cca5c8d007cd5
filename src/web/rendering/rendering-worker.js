import { run } from "../../one-file.js";

await run(new URL("./rendering-worker.ts", import.meta.url));
