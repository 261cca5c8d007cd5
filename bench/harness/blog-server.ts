import { startServer } from "./child.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Store } from "./store.ts";

/** The blog itself, as it runs in production, with its log. */
export function startBlog(
  { env }: Pick<Store, "env">,
  {
    script = "src/start.js",
    nodeOptions = ["--max-semi-space-size=8", "--max-old-space-size=2000"], // as `npm start` does it
    ...options
  }: {
    readonly script?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly nodeOptions?: readonly string[];
    readonly cleanup: Cleanup;
  },
) {
  return startServer(script, {
    ...options,
    nodeOptions,
    env: { ...env, ...production, ...options.env },
  });
}

const production = {
  NODE_ENV: "production",
  SESSION_SECRET: "a secret that is known to everybody",
  RATE_LIMIT: "off",
  LOG_LEVEL: "info",
};
