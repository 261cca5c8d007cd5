import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { Forms, redirect } from "../../../../src/web/forms/forms.ts";
import { createLog } from "../../../../src/web/logging/log.ts";
import { RequestLog } from "../../../../src/web/logging/request-log.ts";
import { Flashes } from "../../../../src/web/pages/flash.ts";
import { plainErrors } from "../../../support/http.ts";

function app({ canSignIn = true, isSignedIn = true } = {}) {
  const keptForms = canSignIn ? { async forget() {} } : undefined;
  const log = new RequestLog(createLog({ level: "silent" }));
  const forms = new Forms({ log, flashes: new Flashes({ secret: "s".repeat(32) }), keptForms });
  const taken = { take: async () => redirect("/", "Taken") };
  return express()
    .use((_req, res, next) => {
      if (isSignedIn) res.locals["visitor"] = {};
      next();
    })
    .post("/one", forms.submitted("/one", taken))
    .post("/any", forms.submitted("/any", { ...taken, forAnybody: true }))
    .use(plainErrors);
}

test("a form needs somebody who is signed in, unless it says that it is for anybody", async () => {
  const nobody = app({ isSignedIn: false });
  await request(nobody).post("/one").expect(401);
  await request(nobody).post("/any").expect(303);
  await request(app()).post("/one").expect(303);
});

test("where nobody can sign in, every form is for anybody", async () => {
  const { status } = await request(app({ canSignIn: false, isSignedIn: false })).post("/one");
  expect(status).toBe(303);
});
