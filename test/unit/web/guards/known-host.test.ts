import { hostname } from "node:os";
import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { knownHost } from "../../../../src/web/guards/known-host.ts";
import { plainErrors } from "../../../support/http.ts";

function statusFor(host: string, { publicUrl, trustProxy = 0, forwarded }: Setup = {}): Promise<number> {
  const app = express();
  app.set("trust proxy", trustProxy);
  app.use(knownHost({ publicUrl }));
  app.use((_req: express.Request, res: express.Response) => {
    res.send("hello");
  });
  app.use(plainErrors);
  const get = request(app).get("/").set("Host", host);
  if (forwarded) get.set("X-Forwarded-Host", forwarded);
  return get.then(({ status }) => status);
}

interface Setup {
  publicUrl?: string;
  trustProxy?: number;
  forwarded?: string;
}

test.each([
  "localhost:3000",
  "LOCALHOST",
  "127.0.0.1:3000",
  "[::1]:3000",
  "192.168.1.20:3000",
  "[fe80::1]",
  "laptop.local:3000",
  "blog.localhost",
  "web:3000",
  "nas.lan",
  "blog.home.arpa",
  hostname(),
])("without PUBLIC_URL the blog answers to %s", async (host) => {
  expect(await statusFor(host)).toBe(200);
});

test.each([
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "evil.example:3000",
  "evil.notlocal",
  "local.evil.example",
  "localhost@evil.example",
  "localhost/evil",
  "localhost:99999",
  "a b",
  "",
  "evil.example.",
])(
  "without PUBLIC_URL it does not answer to %j, because an outsider can point that name here",
  async (host) => {
    expect(await statusFor(host)).toBe(421);
  },
);

test("with PUBLIC_URL it answers to that host alone", async () => {
  const publicUrl = "https://www.example.com";
  expect(await statusFor("www.example.com", { publicUrl })).toBe(200);
  expect(await statusFor("WWW.Example.com:443", { publicUrl })).toBe(200);
  for (const host of [
    "www.example.com:80",
    "localhost",
    "127.0.0.1",
    "example.com",
    "www.example.com.evil.example",
    "x@www.example.com",
    "www.example.com/x",
    "",
  ]) {
    expect(await statusFor(host, { publicUrl })).toBe(421);
  }
  expect(await statusFor("localhost:3000", { publicUrl: "http://localhost:3000" })).toBe(200);
});

test.each([0, 1])(
  "X-Forwarded-Host is ignored, with %i proxies, because many pass on the client's",
  async (trustProxy) => {
    const publicUrl = "https://www.example.com";
    const ours = "www.example.com";
    for (const forwarded of [ours, `${ours}, evil.example`, `evil.example, ${ours}`]) {
      expect(await statusFor("evil.example", { publicUrl, forwarded, trustProxy })).toBe(421);
      expect(await statusFor("evil.example", { forwarded: "localhost", trustProxy })).toBe(421);
    }
    expect(await statusFor(ours, { publicUrl, forwarded: "evil.example", trustProxy })).toBe(200);
  },
);
