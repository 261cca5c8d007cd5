import { renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";

/**
 * Load this before a program to profile it. The first SIGUSR2 starts the profile, the second one writes it to `PROFILE`. It is a
 * .cpuprofile, which the developer tools of a browser can open.
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
