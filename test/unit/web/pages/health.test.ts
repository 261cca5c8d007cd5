import { setImmediate as turn } from "node:timers/promises";
import express from "express";
import request from "supertest";
import { expect, onTestFinished, test, vi } from "vitest";
import { healthRoutes } from "../../../../src/web/pages/health.ts";

function app(isReady: () => Promise<boolean>) {
  return express().use(healthRoutes({ isReady }));
}

test("the blog is alive, whatever the database does", async () => {
  const { status, text } = await request(app(() => new Promise(() => {}))).get("/healthz");
  expect([status, text]).toEqual([200, "alive\n"]);
});

test("readiness is checked again each time", async () => {
  let ready = true;
  const one = app(async () => ready);
  expect((await request(one).get("/readyz")).status).toBe(200);
  ready = false;
  expect((await request(one).get("/readyz")).status).toBe(503);
  ready = true;
  const answer = await request(one).get("/readyz");
  expect(answer.status).toBe(200);
  expect(answer.headers["cache-control"]).toBe("no-store");
});

test("an unreachable database leads to 503, without the reason", async () => {
  const answer = await request(
    app(() => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.1:5432"))),
  ).get("/readyz");
  expect([answer.status, answer.text, answer.headers["retry-after"]]).toEqual([503, "not ready\n", "5"]);
});

test("a database that does not answer leads to 503 within two seconds, and is not asked for each request", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  let asked = 0;
  const one = app(() => {
    asked += 1;
    return new Promise(() => {});
  });
  const answers = Promise.all(Array.from({ length: 20 }, () => request(one).get("/readyz")));
  while (vi.getTimerCount() < 20) await turn(); // each request waits for its own answer
  vi.advanceTimersByTime(2_000);
  expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([503]));
  expect(asked).toBe(1);
});
