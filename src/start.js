import { run } from "./one-file.js";

await run(new URL("./server.ts", import.meta.url));
