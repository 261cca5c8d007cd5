import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Windows } from "../../tools/tutorial/browser.ts";
import { hashIn, Pictures } from "../../tools/tutorial/pictures.ts";
import { Ids } from "../../tools/tutorial/shapes.ts";
import { pageOf } from "../../tools/tutorial/visits.ts";

const pages: Readonly<Record<string, string>> = {
  "/": `<title>Trees</title><h1>Trees</h1><a href="/form">Add</a> <a href="/a">More</a> <a href="/b">More</a> <a href="/form">Add</a>`,
  "/form": `<title>Form</title><form action="/done"><label for="t">Title</label><input id="t" name="title" value="Oak">
    <label for="a">Author</label><select id="a" name="author"><option>Kim<option>Ada</select>
    <label><input type="checkbox" name="public"> Public</label><p hidden>Secret</p><button>Save</button></form>`,
};
const root = mkdtempSync(join(tmpdir(), "tutorial-browser-"));
const windows = new Windows(new Pictures(root, true), 2);
let server: Server;
let origin = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://x");
    const cookie = request.headers.cookie ?? "nobody";
    response.setHeader("Set-Cookie", "person=known").setHeader("Content-Type", "text/html");
    response.end(pages[pathname] ?? `<title>Done</title>${search.slice(1)} by ${cookie}`);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await windows.close();
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true });
});

/** Does what a sentence says. */
async function visit(sentence: string, seen?: string, picture?: string): Promise<void> {
  const found = pageOf(sentence, seen, picture);
  if (!found) throw new Error("No visit");
  await windows.visit(found, new Ids(), (address) => address.replace("http://localhost:3000", origin));
}

test("a person follows links, fills in a form by its labels, and sees what it says", async () => {
  await visit(
    "**Open** <http://localhost:3000/>, follow **Add**. You see:",
    "Title\nOak\nAuthor\nKim\nPublic\n",
  );
  await visit("**In the browser**, type `Elm` into **Title**, choose `Ada` in **Author**, tick **Public**.");
  await visit(
    "**In the browser**, press **Save**. You see:",
    "title=Elm&author=Ada&public=on by person=known",
  );
  await visit("**In the browser**, go back, clear **Title**, press **Save**. You see:", "title=&author=");
});

test("a second browser has cookies of its own", async () => {
  await visit("**In a second browser**, open <http://localhost:3000/new>. You see:", "by nobody");
});

test.each([
  [
    "a link that is not there",
    "follow **Delete**.",
    /There is no link Delete on the page \/\. It has: Add, More, More, Add/,
  ],
  ["two links of one name that lead to two places", "follow **More**.", /There are 2 times the link More/],
  ["a button that is not there", "press **Add**.", /There is no button Add/],
  ["a field that is not there", "type `Elm` into **Title**.", /There is no field Title/],
])("%s is named, with what is there", async (_, clause, reason) => {
  await expect(visit(`**Open** <http://localhost:3000/>, ${clause}`)).rejects.toThrow(reason);
});

test("what a page does not show is named, with what it shows", async () => {
  const hidden = visit("**Open** <http://localhost:3000/form>. You see:", "Secret");
  await expect(hidden).rejects.toThrow(/\/form does not show this.*Secret.*It shows:\nTitle\nOak/s);
});

test("a picture is taken of the whole page, with the hash of its text", async () => {
  await visit("**Open** <http://localhost:3000/>. You see:", "Trees", "images/trees.png");
  expect(hashIn(readFileSync(join(root, "docs/tutorial/images/trees.png")))).toMatch(/^[0-9a-f]{16}$/);
});
