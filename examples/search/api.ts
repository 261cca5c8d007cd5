import express, { type ErrorRequestHandler, type Express, type Response } from "express";
import type { ConsumerLog } from "#sequent/consumer";
import type { SearchIndex } from "./search-index.ts";

const longest = 200;

interface Parts {
  readonly index: SearchIndex;
  /** How many events could not be handled so far. */
  readonly countParked: () => Promise<number>;
  readonly log: ConsumerLog;
}

export function api({ index, countParked, log }: Parts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");

  app.get("/search", async ({ query: { q, after } }, res) => {
    const words = typeof q === "string" ? q.trim() : "";
    if (words === "") return problem(res, 400, "Say what to search for, as in /search?q=bread");
    if (words.length > longest) return problem(res, 400, `A search may have ${longest} characters.`);
    res.json(await index.find(words, typeof after === "string" ? after : undefined));
  });

  app.get("/healthz", async (_req, res) => {
    res.json({ status: "ok", parked: await countParked() });
  });

  app.use((_req, res) => problem(res, 404, "There is only /search?q=words and /healthz"));
  app.use(((error, _req, res, _next) => {
    log.warn({ err: error }, "not answered");
    problem(res, 503, "The index cannot be asked at the moment.");
  }) satisfies ErrorRequestHandler);
  return app;
}

function problem(res: Response, status: number, title: string): void {
  res.status(status).type("application/problem+json").send(JSON.stringify({ status, title }));
}
