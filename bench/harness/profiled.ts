import { renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";

/**
 * Loaded before a program that is to be profiled: on SIGUSR2 it begins to sample where the processor is, on the next
 * one it writes what it has seen to `PROFILE`, as a .cpuprofile that the developer tools of a browser open too.
 */
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.setSamplingInterval", { interval: 200 });
let running = false;

process.on("SIGUSR2", () => {
  running = !running;
  if (running) return session.post("Profiler.start");
  session.post("Profiler.stop", (_error, { profile }) => {
    const file = process.env["PROFILE"] ?? "bench.cpuprofile";
    writeFileSync(`${file}.part`, JSON.stringify(profile));
    renameSync(`${file}.part`, file);
  });
});
