import { type RequestHandler, Router } from "express";

const patience = 1_500;

/**
 * For operators: `/healthz` is 200 if the process lives, and `/readyz` if it can do its work. The answer must not wait for a
 * database that does not answer, and not every request asks the database.
 */
export function healthRoutes({ isReady }: { readonly isReady: () => Promise<boolean> }): RequestHandler {
  let asking: Promise<boolean> | undefined;
  const ask = () => {
    asking ??= isReady()
      .catch(() => false)
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  const router = Router();
  router.get("/healthz", (_req, res) => {
    res.set("Cache-Control", "no-store").type("text").send("alive\n");
  });
  router.get("/readyz", async (_req, res) => {
    const ready = await Promise.race([ask(), later(false)]);
    res.set("Cache-Control", "no-store").type("text");
    if (ready) res.send("ready\n");
    else res.status(503).set("Retry-After", "5").send("not ready\n");
  });
  return router;
}

function later<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, patience, value).unref());
}
