import { run } from "../src/one-file.js";

// As `npm start` runs the blog, so that what is measured is what production gets.
await run(new URL("./bench.ts", import.meta.url));
