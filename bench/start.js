import { run } from "../src/one-file.js";

// As in `npm start`, so the figures are those of production.
await run(new URL("./bench.ts", import.meta.url));
