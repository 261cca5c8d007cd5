import type { Page } from "playwright-core";
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
  await signUp(page);

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

test("signing up, out and in again by mail, another name, the sessions, and erasing the account, without a mouse", async () => {
  const page = await visit("/authors/new");
  const { keyboard } = page;
  await signUp(page);
  expect(await page.locator("header").textContent()).toContain("Ada Lovelace");

  await press(page, "Sign out");
  await page.getByText("You are signed out.").waitFor();
  await press(page, "Sign in");
  await page.waitForURL("**/sign-in");
  await tabTo(page, "E-mail");
  await keyboard.type("ada@example.com");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Look in your mail" }).waitFor();
  await page.goto("/dev/mailbox");
  const link = await page.locator('main a[href*="/sign-in/"]').first().textContent();
  await press(page, String(link));
  await page.getByText("You sign in as").waitFor();
  await press(page, "Sign in", "main");
  await page.getByText("You are signed in as Ada Lovelace.").waitFor();

  await press(page, "Account");
  expect(await page.locator(".badge").textContent()).toBe("Confirmed");
  await press(page, "Change the name");
  await tabTo(page, "Name");
  await keyboard.press("Control+A");
  await keyboard.type("Ada Byron");
  await keyboard.press("Enter");
  await page.getByText("Name changed").waitFor();
  await press(page, "Where you are signed in");
  await page.getByRole("heading", { name: "Where you are signed in" }).waitFor();
  await press(page, "Account");
  await press(page, "Erase your account");
  await tabTo(page, "Your name or your e-mail address");
  await keyboard.type("ada byron");
  await keyboard.press("Enter");
  await page.getByText("Your account is erased.").waitFor();
  expect(await page.locator("header").textContent()).toContain("Sign in");
});

/** In the form of a new account. */
async function signUp(page: Page): Promise<void> {
  await page.waitForURL("**/authors/new");
  await tabTo(page, "Name");
  await page.keyboard.type("Ada Lovelace");
  await tabTo(page, "E-mail");
  await page.keyboard.type("ada@example.com");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/authors\/[0-9a-f-]{36}$/);
  expect(await page.getByRole("status").textContent()).toContain("Account created");
}

/** Goes to a link or a button with Tab, and presses it. The next page is there afterwards. */
async function press(page: Page, name: string, within = "*"): Promise<void> {
  do await tabTo(page, name);
  while (!(await page.evaluate(`document.activeElement.closest(${JSON.stringify(within)}) !== null`)));
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

test("the link at the top skips to the content", async () => {
  const page = await visit("/authors");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await focusedName(page)).toBe("Sign up");
  expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
});
