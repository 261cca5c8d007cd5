import { type RequestHandler, Router } from "express";

const patience = 1_500;

/**
 * For whoever runs the blog: `/healthz` says that the process is alive, `/readyz` that it can do its work. A database
 * that does not answer must not keep that one waiting, nor must every question ask it again.
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
