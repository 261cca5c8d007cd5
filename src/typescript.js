import { register } from "node:module";

// Node 22.18 and later runs TypeScript by itself. With this, older ones do the same.
if (!process.features.typescript) register("./strip-types.js", import.meta.url);
