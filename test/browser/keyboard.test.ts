import { expect, test } from "vitest";
import { focusedName, tabTo, useBrowser } from "./browser.ts";

const { visit } = useBrowser();

test("from an empty blog to a published post, without a mouse", async () => {
  const page = await visit("/");
  const { keyboard } = page;
  await keyboard.press("Tab");
  expect(await focusedName(page)).toBe("Skip to the content");

  await tabTo(page, "Create the first account");
  await keyboard.press("Enter");
  await page.waitForURL("**/authors/new");
  await tabTo(page, "Name");
  await keyboard.type("Ada Lovelace");
  await tabTo(page, "E-mail");
  await keyboard.type("ada@example.com");
  await keyboard.press("Enter");
  await page.waitForURL(/\/authors\/[0-9a-f-]{36}$/);
  expect(await page.getByRole("status").textContent()).toBe("Account created");

  await tabTo(page, "Title");
  await keyboard.type("On engines");
  await tabTo(page, "Text");
  await keyboard.type("They weave **patterns**.");
  await tabTo(page, "Preview");
  await keyboard.press("Enter");
  await page.waitForURL(/\/posts$/);
  expect(await page.locator(".preview strong").textContent()).toBe("patterns");
  expect(await page.getByLabel("Text").inputValue()).toBe("They weave **patterns**.");

  await tabTo(page, "Save as draft");
  await keyboard.press("Enter");
  await page.waitForURL(/\/posts\/[0-9a-f-]{36}$/);
  await tabTo(page, "Publish");
  await keyboard.press("Enter");
  await page.getByText("Post published").waitFor();
  await page.goto("/");
  expect(await page.getByRole("heading", { name: "On engines" }).isVisible()).toBe(true);
});

test("the link at the top skips to the content", async () => {
  const page = await visit("/authors");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await focusedName(page)).toBe("Sign up");
  expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
});
