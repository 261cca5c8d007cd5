import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { Forms, redirect } from "../../../../src/web/forms/forms.ts";
import { createLog } from "../../../../src/web/logging/log.ts";
import { RequestLog } from "../../../../src/web/logging/request-log.ts";
import { Flashes } from "../../../../src/web/pages/flash.ts";
import { resources } from "../../../../src/web/pages/resources.ts";
import { plainErrors } from "../../../support/http.ts";

const asked: string[] = [];

function app() {
  const log = new RequestLog(createLog({ level: "silent" }));
  const forms = new Forms({ log, flashes: new Flashes({ secret: "s".repeat(32) }) });
  const routes = resources(forms, {
    "/shelves/:shelfId/books/:bookId": {
      GET({ params: { shelfId, bookId } }, res) {
        asked.push(shelfId, bookId);
        res.send("a book");
      },
      POST: { take: async ({ params: { bookId } }) => redirect(`/books/${bookId}`, "Lent") },
    },
  });
  return express().use(routes, plainErrors);
}

const [shelf, book] = [newId(), newId()];
const path = `/shelves/${shelf}/books/${book}`;

test("a resource has its methods, with the ids of its path", async () => {
  await request(app()).get(path).expect(200, "a book");
  expect(asked).toEqual([shelf, book]);
  const { headers } = await request(app()).post(path).expect(303);
  expect(headers["location"]).toBe(`/books/${book}`);
});

test("an impossible id leads to 404, and nobody is asked", async () => {
  asked.length = 0;
  for (const wrong of [`/shelves/1/books/${book}`, `/shelves/${shelf}/books/${book}x`])
    for (const method of ["get", "post", "delete"] as const) await request(app())[method](wrong).expect(404);
  expect(asked).toEqual([]);
});

test("OPTIONS lists the methods, and other methods lead to 405", async () => {
  const { headers } = await request(app()).options(path).expect(200);
  expect(headers["allow"]).toBe("GET, HEAD, POST");
  await request(app()).delete(path).expect(405);
});
