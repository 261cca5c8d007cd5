import type { Express, NextFunction, Request, Response } from "express";

/** The page is there, but not for this method. */
export class MethodNotAllowed extends Error {
  readonly status = 405;
  readonly allow: string;

  constructor(allow: string) {
    super(`Allowed here: ${allow}.`);
    this.allow = allow;
  }
}

interface Layer {
  match(path: string): boolean;
  readonly route?: { readonly methods: Record<string, boolean> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** Behind all routes: one that knows the path but not the method answers 405, and says which methods it knows. */
export function methodNotAllowed(app: Express) {
  return (req: Request, _res: Response, next: NextFunction): void => {
    const layers = (app.router as unknown as { stack: readonly Layer[] }).stack;
    const routes = layers.flatMap(({ handle }) => handle.stack ?? []).filter(({ route }) => route);
    const here = routes.filter((layer) => layer.match(req.path));
    const methods = new Set(here.flatMap(({ route }) => Object.keys(route?.methods ?? {})));
    if (methods.has("get")) methods.add("head");
    const allow = [...methods].map((method) => method.toUpperCase()).sort();
    next(methods.size > 0 ? new MethodNotAllowed(allow.join(", ")) : undefined);
  };
}
