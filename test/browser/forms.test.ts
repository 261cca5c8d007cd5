import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { countStored } from "../support/database.ts";
import { author, draftBy } from "../support/people.ts";
import { focusedName, useBrowser } from "./browser.ts";

const { visit: visitAs, context, sessionOf } = useBrowser();
const ben = newId();
let moss = "";
let session = "";
const visit = (path: string) => visitAs(path, { session });
const visitAsStranger = (path: string) => visitAs(path);

beforeEach(async () => {
  moss = newId();
  const { commandService } = context.blog;
  await commandService.executeCommands(author({ aggregateId: ben }));
  await commandService.executeCommands(draftBy(ben, { aggregateId: moss }));
  session = await sessionOf(ben);
});

const events = async () => (await countStored(context.database)).events;
const focusIsOnTheSummary = (page: Page) =>
  page.evaluate<boolean>("document.activeElement.className === 'problems'");

describe("a refused form", () => {
  test.each([
    ["/authors/new", "Create account", ["Name", "E-mail"]],
    [`/authors/${ben}`, "Save as draft", ["Title", "Text"]],
    [`/authors/${ben}`, "Publish now", ["Title", "Text"]],
    ["edit", "Save changes", ["Title", "Text"]],
  ])("%s, %s: the summary has the focus and leads to each field", async (path, button, labels) => {
    const page = await visit(path === "edit" ? `/posts/${moss}/edit` : path);
    for (const label of labels) await page.getByLabel(label, { exact: true }).fill(" ");
    await page.getByRole("button", { name: button }).click();
    await page.getByRole("alert").waitFor();
    expect(await focusIsOnTheSummary(page)).toBe(true);
    for (const label of labels) {
      const field = page.getByLabel(label, { exact: true });
      await page.getByRole("alert").getByRole("link", { name: label }).click();
      expect(await focusedName(page)).toBe(label);
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      const described = String(await field.getAttribute("aria-describedby")).split(" ")[0];
      expect(await page.locator(`#${described}`).textContent()).toBe(`${label} can't be blank`);
    }
  });
});

describe("impatience", () => {
  test("a double click on a submit button has one effect", async () => {
    const page = await visit(`/authors/${ben}`);
    await page.getByLabel("Title", { exact: true }).fill("Twice");
    await page.getByLabel("Text", { exact: true }).fill("Once.");
    const before = await events();
    await page.getByRole("button", { name: "Publish now" }).dblclick();
    await page.getByRole("heading", { name: "Twice" }).waitFor();
    expect(await events()).toBe(before + 5);
  });

  test("a reload after sending shows the page again and sends nothing", async () => {
    const page = await visitAsStranger("/authors/new");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Account created").waitFor();
    const before = await events();
    await page.reload();
    expect(await page.getByText("Account created").count()).toBe(0);
    expect(await events()).toBe(before);
  });

  test("back and send again: no second author, and it is said why", async () => {
    const page = await visitAsStranger("/authors/new");
    const send = async () => {
      await page.getByLabel("Name").fill("Ada");
      await page.getByLabel("E-mail").fill("ada@example.com");
      await page.getByRole("button", { name: "Create account" }).click();
    };
    await send();
    await page.getByText("Account created").waitFor();
    const before = await events();
    await page.goBack(); // now they are signed in, so the browser asks for the page again: a new form
    await send();
    await page.getByRole("alert").getByText("is already registered").waitFor();
    expect(await page.locator("header").textContent()).toContain("Signed in as Ada");
    expect(await events()).toBe(before);
  });

  test("back, change something and send: nothing is overwritten or lost", async () => {
    const page = await visit(`/authors/${ben}`);
    const send = async (text: string) => {
      await page.getByLabel("Title", { exact: true }).fill("A post");
      await page.getByLabel("Text", { exact: true }).fill(text);
      await page.getByRole("button", { name: "Save as draft" }).click();
      await page.getByText("Draft saved").waitFor();
      expect(await page.locator(".prose").textContent()).toContain(text);
      return page.url();
    };
    const first = await send("First.");
    await page.goBack(); // no browser keeps a page of somebody who is signed in, so this is a new form
    expect(await send("Second.")).not.toBe(first);
    await page.goto(first);
    expect(await page.locator(".prose").textContent()).toContain("First.");
  });
});

describe("two tabs", () => {
  const open = () => Promise.all([visit(`/posts/${moss}/edit`), visit(`/posts/${moss}/edit`)]);
  const save = (page: Page) => page.getByRole("button", { name: "Save changes" }).click();

  test("that change different fields: both are kept", async () => {
    const [mine, theirs] = await open();
    await theirs.getByLabel("Title", { exact: true }).fill("On mosses");
    await save(theirs);
    await theirs.getByText("Changes saved").waitFor();
    await mine.getByLabel("Text", { exact: true }).fill("It is very green.");
    await save(mine);
    await mine.getByText("Somebody else changed the title").waitFor();
    expect(await mine.getByRole("heading", { level: 1 }).textContent()).toBe("On mosses");
    expect(await mine.locator(".prose").textContent()).toContain("very green");
  });

  test("that change the same field: both are shown, and mine can be saved", async () => {
    const [mine, theirs] = await open();
    await theirs.getByLabel("Text", { exact: true }).fill("It is brown.");
    await save(theirs);
    await theirs.getByText("Changes saved").waitFor();
    await mine.getByLabel("Text", { exact: true }).fill("It is blue.");
    await save(mine);
    await mine.getByRole("heading", { name: "Somebody else edited this too" }).waitFor();
    expect(await focusIsOnTheSummary(mine)).toBe(true);
    expect(await mine.getByText("It is brown.", { exact: true }).isVisible()).toBe(true);
    await mine.getByRole("textbox", { name: "Text" }).fill("It is blue and brown.");
    await save(mine);
    await mine.getByText("Changes saved").waitFor();
    expect(await mine.locator(".prose").textContent()).toContain("blue and brown");
  });
});
