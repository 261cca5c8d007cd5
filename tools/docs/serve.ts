import { posix } from "node:path";
import express, { type Express } from "express";
import { securityHeaders } from "../../src/web/guards/security-headers.ts";
import { filesOf } from "./site.ts";

/** Answers with the same files as a host of static files would. Each is read again at each request. */
export function docsApp(root: string): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(securityHeaders());
  app.use((req, res) => {
    const files = filesOf(root);
    const address = addressIn(req.path);
    const file = files.get(address);
    if (!file && files.has(`${address}/index.html`)) return res.redirect(`${req.baseUrl}/${address}/`);
    if (!file) return res.status(404).type("text").send(`There is no page ${address}.\n`);
    return res.setHeader("Cache-Control", "no-cache").type(posix.extname(address)).send(file());
  });
  return app;
}

function addressIn(path: string): string {
  const address = path.slice(1);
  try {
    return decodeURIComponent(address === "" || address.endsWith("/") ? `${address}index.html` : address);
  } catch {
    return "";
  }
}
