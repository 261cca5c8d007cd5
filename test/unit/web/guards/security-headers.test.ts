import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { securityHeaders } from "../../../../src/web/guards/security-headers.ts";

function app(publicUrl?: string) {
  const app = express();
  app.use(securityHeaders({ publicUrl }));
  app.get("/", (_req, res) => {
    res.send("hello");
  });
  app.get("/failure", () => {
    throw new Error("broken");
  });
  app.use((_req: express.Request, res: express.Response) => {
    res.status(404).send("not here");
  });
  app.use((_error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    res.status(500).send("sorry");
  });
  return app;
}

test.each(["/", "/nowhere", "/failure"])(
  "%s has the content security policy, whatever its status",
  async (path) => {
    const { headers } = await request(app()).get(path);
    const directives = new Set(headers["content-security-policy"]?.split(";"));
    expect(directives).toEqual(
      new Set([
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
      ]),
    );
  },
);

test("the other headers are there, and none reveals the software or lets other sites read", async () => {
  const { headers } = await request(app()).get("/");
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
  });
  expect(headers["permissions-policy"]).toMatch(/^(?:[\w-]+=\(\)(?:, |$))+$/);
  expect(headers).not.toHaveProperty("x-powered-by");
  expect(headers).not.toHaveProperty("access-control-allow-origin");
});

test("only a blog on https makes browsers insist on https", async () => {
  const secure = await request(app("https://blog.example.com")).get("/");
  expect(secure.headers["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
  for (const publicUrl of [undefined, "http://blog.example.com"]) {
    const { headers } = await request(app(publicUrl)).get("/");
    expect(headers).not.toHaveProperty("strict-transport-security");
  }
});
