import cluster from "node:cluster";
import type { Server } from "node:http";
import type { Logger } from "../web/logging/log.ts";
import { Connections } from "./connections.ts";

interface Stopping {
  readonly server: Server;
  readonly log: Logger;
  /** Called when no request is left. */
  readonly finish: () => Promise<unknown>;
}

const patience = 10_000;

/**
 * On SIGTERM or SIGINT, or "stop" from the cluster: takes no more connections, answers the running requests, and exits with 0. A
 * second signal exits at once. An error that no code caught ends the process in the same way, but with 1, because it may have
 * left a broken state.
 */
export function gracefulStop({ server, log, finish }: Stopping): void {
  const connections = new Connections(server);
  let isStopping = false;

  const stop = async (code: number) => {
    if (isStopping) return;
    isStopping = true;
    const overdue = setTimeout(() => {
      log.warn({ requests: connections.running.length }, "stopped before these were answered");
      server.closeAllConnections();
    }, patience);
    const closed = new Promise((resolve) => server.close(resolve));
    connections.close();
    await closed;
    clearTimeout(overdue);
    await Promise.race([finish().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2_000))]);
    process.exit(code);
  };
  stopOnSignal(() => {
    if (cluster.isPrimary) log.info("stopping"); // of several processes, the first one says it
    return stop(0);
  });
  process.on("message", (message) => {
    if (message === "stop") void stop(0);
  });
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "not caught");
    void stop(1);
  });
}

/** The first signal stops the blog, and the second ends it at once. */
export function stopOnSignal(stop: () => unknown, end: () => unknown = () => process.exit(1)): void {
  let signals = 0;
  const onSignal = () => {
    signals += 1;
    if (signals > 1) end();
    else stop();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
}
