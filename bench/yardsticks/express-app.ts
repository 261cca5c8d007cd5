import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import express, { type Express, type Request } from "express";
import helmet from "helmet";
import pg from "pg";
import { pino } from "pino";

/** An Express app with headers, an access log and a body parser around its routes, or without them if `MIDDLEWARE=off`. */
export function expressApp(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("views", fileURLToPath(new URL("views", import.meta.url)));
  app.set("view engine", "ejs");
  app.enable("view cache");
  if (process.env["MIDDLEWARE"] === "off") return app;

  const log = pino({ base: null }, pino.destination({ fd: 1, sync: true }));
  app.use((req, res, next) => {
    const started = performance.now();
    res.once("finish", () => {
      log.info({
        method: req.method,
        path: req.path,
        status: res.statusCode,
        ms: performance.now() - started,
      });
    });
    next();
  });
  app.use(helmet());
  app.use(express.urlencoded({ extended: false }));
  return app;
}

/** One read by primary key, as a session costs it. Nothing for a request without a session. */
export async function readSession(database: pg.Pool, { headers }: Request): Promise<void> {
  const [, token] = /(?:^|; )session=([\w-]+)/.exec(headers.cookie ?? "") ?? [];
  if (!token) return;
  const values = [createHash("sha256").update(token).digest()];
  const { rows } = await database.query({ name: "session", text: sessionOf, values });
  if (rows.length === 0) throw new Error("There is no such session.");
}

const sessionOf = "select account_id, created_at from web_schema.sessions where token_hash = $1";

export function pool(): pg.Pool {
  return new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 10 });
}

export function listen(app: Express): void {
  app.listen(Number(process.env["PORT"]), "127.0.0.1");
}
