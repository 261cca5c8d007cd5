import { readFileSync } from "node:fs";
import { startServer } from "./child.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Store } from "./store.ts";

const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** The options of `node` in `npm start`. */
const nodeOptionsOfStart: string[] = scripts.start.split(" ").slice(1, -1);

/** The blog itself, as it runs in production, with its log. */
export function startBlog(
  { env }: Pick<Store, "env">,
  {
    script = "src/start.js",
    nodeOptions = nodeOptionsOfStart,
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
    env: { ...production, ...env, ...options.env },
  });
}

const production = {
  NODE_ENV: "production",
  DATABASE_URL: "embedded",
  SESSION_SECRET: "a secret that is known to everybody",
  SMTP_URL: "smtp://localhost:1025",
  MAIL_FROM: "blog@example.com",
  RATE_LIMIT: "off",
  LOG_LEVEL: "info",
};
