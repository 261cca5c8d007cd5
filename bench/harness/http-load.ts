import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { messageOf, runTypeScript, stop } from "./child.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Rate } from "./rate.ts";

export interface Request {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Load {
  readonly port: number;
  /** The number of the first request to send. */
  readonly requests: readonly Request[];
  readonly from?: number;
  readonly connections: number;
  readonly ms: number;
  readonly beside?: Beside;
}

/** A request that is sent, by itself and maybe to another server, after every so many answers. It does not count. */
export interface Beside {
  readonly port: number;
  readonly request: Request;
  readonly every: number;
  readonly expect: number;
}

export interface LoadResult extends Rate {
  readonly statuses: Readonly<Record<string, number>>;
}

export type HttpLoad = (load: Load & { readonly expect: number }) => Promise<LoadResult>;

/** Starts the process that makes load. An unexpected answer is an error, so it does not count. */
export function httpLoad(cleanup: Cleanup): HttpLoad {
  const file = fileURLToPath(new URL("load-generator.ts", import.meta.url));
  const child = fork(file, { execArgv: runTypeScript });
  cleanup.defer(() => stop(child));
  return async ({ expect, ...load }) => {
    child.send(load);
    const result = (await messageOf(child)) as LoadResult | { failure: string };
    if ("failure" in result) throw new Error(result.failure);
    const others = Object.keys(result.statuses).filter((status) => Number(status) !== expect);
    if (others.length > 0 || result.perSecond === 0) {
      const { method = "GET", path } = load.requests[0] ?? { path: "?" };
      throw new Error(
        `${method} ${path} was answered with ${JSON.stringify(result.statuses)}, not ${expect}.`,
      );
    }
    return result;
  };
}
