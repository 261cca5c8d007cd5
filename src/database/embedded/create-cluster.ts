import { openCluster } from "./cluster.ts";

// Run by ensureCluster in a process of its own: fills an empty directory with a cluster and shuts it down.
const database = await openCluster(process.argv[2] ?? "", (line) => {
  if (/FATAL|PANIC|Aborted/.test(line)) process.stderr.write(`${line}\n`);
});
await database.close();
