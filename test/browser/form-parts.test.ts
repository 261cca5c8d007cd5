import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { claims, type SendClaim } from "../fixtures/claims/claims.ts";
import { focusedName, inspect, tabTo, useBrowserOn } from "./browser.ts";

const sent: SendClaim[] = [];
const { visit } = useBrowserOn(() => claims({ execute: (command) => sent.push(command) }));

const looks = (["light", "dark"] as const).flatMap((colorScheme) =>
  [320, 1280].map((width) => ({ colorScheme, width })),
);
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const row = (page: Page, number: number) => page.getByRole("group", { name: `Expense ${number}` });

/** Waits until its first field has the focus. */
const focusIn = (group: Locator) => group.locator("input:focus").waitFor();

async function fill(page: Page): Promise<void> {
  const texts = { Title: "Trip", Reason: "A talk.", "E-mail": "ada@example.com", Password: "correct horse" };
  const more = {
    Travellers: "2",
    "Budget (EUR)": "120.50",
    Day: "2026-11-20",
    Street: "Kade 1",
    City: "Ede",
    "Tag 1": "travel",
  };
  for (const [label, text] of Object.entries({ ...texts, ...more }))
    await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByLabel("Currency").selectOption("US dollar");
  await page.getByLabel("Approver").selectOption("Ben & Co");
  await page.getByLabel("It is urgent").check();
  await row(page, 1).getByLabel("What").fill("Train");
  await row(page, 1).getByLabel("Amount").fill("12.50");
}

describe("a form with every part", () => {
  test("is accessible and fits, also at 320 pixels, blank and with errors", async () => {
    for (const look of looks) {
      const name = `${look.colorScheme}-${look.width}`;
      const page = await visit("/claims", look);
      await inspect(page, `claim-${name}`);
      await press(page, "Add Expense");
      await press(page, "Send claim");
      await page.getByRole("alert").waitFor();
      await inspect(page, `claim-refused-${name}`);
      await page.context().close();
    }
  });

  test.each([
    "Title",
    "Reason",
    "E-mail",
    "Password",
    "Currency",
    "Travellers",
    "Day",
    "Home: Street",
    "Expense 1: Amount",
    "Tag 1",
  ])("has a message at %s, and a link to it", async (label) => {
    const page = await visit("/claims");
    await press(page, "Send claim");
    await page
      .getByRole("alert")
      .getByRole("link", { name: new RegExp(`^${label}`) })
      .click();
    expect(label).toContain(
      (await focusedName(page))
        .replace(/ \(EUR\)/, "")
        .split("\n")[0]
        ?.trim(),
    );
    const focused = page.locator(":focus");
    expect(await focused.getAttribute("aria-invalid")).toBe("true");
    const [error] = String(await focused.getAttribute("aria-describedby")).split(" ");
    expect(await page.locator(`[id="${error}"]`).isVisible()).toBe(true);
  });

  test("is sent without JavaScript, with rows added and removed, and the focus in the right place", async () => {
    const page = await visit("/claims", { javaScriptEnabled: false });
    await fill(page);
    await press(page, "Add Expense");
    await focusIn(row(page, 2));
    await page.keyboard.type("Lunch");
    await press(page, "Add Expense");
    await focusIn(row(page, 3));
    await page.keyboard.type("Taxi");
    await row(page, 3).getByLabel("Amount").fill("20");
    await press(page, "Remove Expense 2");
    await row(page, 3).waitFor({ state: "detached" });
    await focusIn(row(page, 2));
    expect(await page.locator(":focus").inputValue()).toBe("Taxi");
    expect(await page.getByLabel("Currency").inputValue()).toBe("USD");
    expect(await page.getByLabel("It is urgent").isChecked()).toBe(true);
    await page.getByLabel("Password").fill("correct horse");
    await press(page, "Send claim");
    await page.getByText("Claim sent").waitFor();
    expect(sent.pop()).toMatchObject({
      title: "Trip",
      password: "correct horse",
      currency: "USD",
      isUrgent: true,
      home: { street: "Kade 1" },
      lines: [
        { what: "Train", amount: "12.50" },
        { what: "Taxi", amount: "20" },
      ],
    });
  });

  test("is sent by the Enter key, which presses no button of a list", async () => {
    const page = await visit("/claims");
    await fill(page);
    await page.getByLabel("City").press("Enter");
    await page.getByText("Claim sent").waitFor();
    expect(sent.pop()).toMatchObject({ title: "Trip" });
  });

  test("needs no mouse", async () => {
    const page = await visit("/claims");
    await tabTo(page, "Add Tag");
    await page.keyboard.press("Enter");
    await page.getByLabel("Tag 2").waitFor();
    expect(await focusedName(page)).toBe("Tag 2");
    await tabTo(page, "Remove Tag 2");
    await page.keyboard.press("Enter");
    await page.getByLabel("Tag 2").waitFor({ state: "detached" });
    expect(await focusedName(page)).toBe("Tag 1");
  });
});
