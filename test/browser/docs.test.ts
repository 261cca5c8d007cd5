import express from "express";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { docsApp } from "../../tools/docs/serve.ts";
import { root } from "../support/files.ts";
import { inspect, overflow, useBrowserOn } from "./browser.ts";

/** Below a path, because the site may stand anywhere. */
const { visit } = useBrowserOn(() => express().use("/any/where", docsApp(root)));
const open = (address: string, look?: Parameters<typeof visit>[1]) => visit(`/any/where/${address}`, look);

const looks = [
  { colorScheme: "light", width: 360 },
  { colorScheme: "light", width: 1100 },
  { colorScheme: "dark", width: 1440 },
] as const;

test.each([
  ["a page with tables", "docs/guides/production.html"],
  ["a page with code", "docs/reference/forms.html"],
  ["a file", "src/web/app.ts.html#L20"],
])("%s is accessible, fits, and looks as it should", async (name, address) => {
  for (const look of looks) {
    const page = await open(address, look);
    await inspect(page, `docs-${name.replace(/\W+/g, "-")}-${look.colorScheme}-${look.width}`);
    await page.setViewportSize({ width: 320, height: 600 });
    expect(await overflow(page)).toBe(0);
    await page.context().close();
  }
});

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();

test("one finds a section by the keyboard", async () => {
  const page = await open("");
  const { keyboard } = page;
  await keyboard.press("/");
  await keyboard.type("snapshots");
  await page.locator(".results mark").first().waitFor();
  await inspect(page, "docs-search");
  await keyboard.press("Escape");
  expect(await page.locator(".results").isVisible()).toBe(false);
  await keyboard.press("/");
  await keyboard.type("snapshots");
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowUp");
  await keyboard.press("Enter");
  await page.waitForURL("**/any/where/docs/reference/snapshots.html");
  expect(await heading(page)).toBe("Snapshots");
});

test("what is typed into the search, and what is found, stays text", async () => {
  const page = await open("docs/reference/forms.html");
  await page.keyboard.press("/");
  await page.keyboard.type("<img src=x onerror=alert(1)>");
  await page.getByText("Nothing has “<img").waitFor();
  await page.getByLabel("Search").fill('<%- include("../shared/form-problems"');
  await page.locator(".results mark").first().waitFor();
  expect(await page.locator(".results a :not(strong, small, span, mark)").count()).toBe(0);
});

test("a button copies code, and of a console only the commands", async () => {
  const page = await open("docs/reference/forms.html");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = () => page.evaluate<string>("navigator.clipboard.readText()");
  const block = page.locator(".code").first();
  await block.hover();
  await block.getByRole("button", { name: "Copy" }).click();
  await block.getByRole("button", { name: "Copied" }).waitFor();
  expect(await copied()).toBe(await block.locator("code").textContent());

  await block.evaluate((element) => {
    element.setAttribute("data-language", "console");
    element.querySelector("code")?.replaceChildren("$ npm test -- \\\n  post\ngreen\n$ npm start\n");
  });
  await block.getByRole("button").click();
  expect(await copied()).toBe("npm test -- \\\n  post\nnpm start");
});

test("without JavaScript one goes from page to page", async () => {
  const page = await open("", { javaScriptEnabled: false });
  expect(await page.getByLabel("Search").isVisible()).toBe(false);
  await page.locator('a[rel="next"]').click();
  expect(await heading(page)).not.toBe("Sequent Blog");
  await page.getByRole("navigation", { name: "All pages" }).getByRole("link", { name: "Forms" }).click();
  expect(await heading(page)).toBe("Forms");
  await page
    .getByRole("navigation", { name: "On this page" })
    .getByRole("link", { name: "The parts" })
    .click();
  expect(page.url()).toMatch(/forms\.html#the-parts$/);
  await page.locator('a[rel="prev"]').click();
  expect(await heading(page)).not.toBe("Forms");
  expect((await page.goto("/any/where/.env"))?.status()).toBe(404);
});
