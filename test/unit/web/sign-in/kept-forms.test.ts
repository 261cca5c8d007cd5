import express from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { KeptForms } from "../../../../src/web/sign-in/kept-forms.ts";
import type { KeptFormStore } from "../../../../src/web/sign-in/store.ts";

/** As the table, in memory. */
class Shelf implements KeptFormStore {
  readonly forms = new Map<string, Buffer>();

  async keepForm(id: Buffer, sealed: Buffer): Promise<boolean> {
    this.forms.set(id.toString("hex"), sealed);
    return true;
  }

  async findForm(id: Buffer): Promise<Buffer | undefined> {
    return this.forms.get(id.toString("hex"));
  }

  async forgetForm(id: Buffer): Promise<void> {
    this.forms.delete(id.toString("hex"));
  }
}

function setup(secret = "s".repeat(32)) {
  const shelf = new Shelf();
  const kept = new KeptForms(shelf, { secret });
  const app = express();
  app.post(/.*/, express.urlencoded({ extended: false }), async (req, res) => {
    res.json(await kept.keep(req, req.path, req.body));
  });
  app.delete(/.*/, async (req, res) => {
    await kept.forget(req, req.path);
    res.json(true);
  });
  app.get(/.*/, async (req, res) => {
    res.json((await kept.find(req, req.path)) ?? null);
  });
  return { app, shelf };
}

test("a browser gets each of its forms back until it is forgotten", async () => {
  const { app, shelf } = setup();
  const browser = request.agent(app);
  await browser.post("/one").type("form").send("title=One&tag=a&tag=b&__proto__=x");
  await browser.post("/two").type("form").send("title=Zw%C3%B6lf");
  expect((await browser.get("/one")).body).toMatchObject({ title: "One", tag: ["a", "b"] });
  expect((await browser.get("/two")).body).toEqual({ title: "Zwölf" });
  await browser.delete("/one");
  expect((await browser.get("/one")).body).toBeNull();
  expect(shelf.forms.size).toBe(1);
});

test("another browser, another path and another secret get nothing", async () => {
  const { app } = setup();
  const browser = request.agent(app);
  const { headers } = await browser.post("/one").type("form").send("title=One");
  expect((await request(app).get("/one")).body).toBeNull();
  expect((await browser.get("/two")).body).toBeNull();
  const [cookie = ""] = [headers["set-cookie"]].flat();
  expect(cookie).toMatch(/^kept-forms=[^;]+; Max-Age=86400; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
  const [pair = ""] = cookie.split(";");
  expect(
    (
      await request(setup("t".repeat(32)).app)
        .get("/one")
        .set("Cookie", pair)
    ).body,
  ).toBeNull();
});

test("a form that was changed in the database, or moved to another path, is not opened", async () => {
  const { app, shelf } = setup();
  const browser = request.agent(app);
  await browser.post("/one").type("form").send("title=One");
  const [id = "", sealed = Buffer.alloc(0)] = [...shelf.forms][0] ?? [];
  expect(sealed.toString("latin1")).not.toContain("One");
  const changed = Buffer.from(sealed);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  shelf.forms.set(id, changed);
  expect((await browser.get("/one")).status).toBe(500);
});
