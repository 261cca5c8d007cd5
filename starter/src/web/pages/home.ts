import type { Router } from "express";
import { type PageParts, resources } from "./resources.ts";

export function homeRoutes({ forms, kept }: PageParts): Router {
  return resources(forms, {
    "/": { GET: kept.route(async () => ({ view: "home", locals: {} })) },
  });
}
