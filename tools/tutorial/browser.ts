import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { Refused } from "../../src/bin/command.ts";
import type { Pictures } from "./pictures.ts";
import { type Ids, seen } from "./shapes.ts";
import type { Clause, Visit } from "./visits.ts";

const places = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

/** The text of a page as people see it, with what stands in the fields. */
const visibleText = `(() => {
  const added = [];
  for (const field of document.querySelectorAll("input, textarea, select")) {
    if (/^(hidden|password|checkbox|radio|submit|button)$/.test(field.type)) continue;
    const value = document.createElement("div");
    value.textContent = field.tagName === "SELECT" ? field.selectedOptions[0]?.text : field.value;
    field.after(value);
    field.hidden = true;
    added.push([field, value]);
  }
  const text = document.body.innerText;
  for (const [field, value] of added) { value.remove(); field.hidden = false; }
  return text.split("\\n").map((line) => line.trim()).filter(Boolean).join("\\n");
})()`;

/** Where Chromium is, or undefined. */
export function chromiumPath(): string | undefined {
  return places.find((path) => path !== undefined && existsSync(path));
}

/** One or two windows, in which a person finds links, buttons and fields by their words. */
export class Windows {
  readonly #pictures: Pictures;
  readonly #patience: number;
  #browser: Browser | undefined;
  readonly #pages = new Map<boolean, Page>();

  /** @param patience how many seconds a person waits for a page, a link or a word. */
  constructor(pictures: Pictures, patience = 30) {
    this.#pictures = pictures;
    this.#patience = patience * 1000;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }

  /** @param here gives the address on this machine. */
  async visit(visit: Visit, ids: Ids, here: (told: string) => string): Promise<Ids> {
    const page = await this.#page(visit.inSecondBrowser);
    for (const clause of visit.clauses)
      await act(page, { ...clause, what: here(ids.in(clause.what)) }, this.#patience);
    const known = visit.seen ? await this.#see(page, visit, ids) : ids;
    if (visit.picture !== undefined)
      await this.#pictures.check(visit.picture, await textOf(page), () =>
        page.screenshot({ fullPage: true, animations: "disabled" }),
      );
    return known;
  }

  async #page(isSecond: boolean): Promise<Page> {
    const known = this.#pages.get(isSecond);
    if (known) return known;
    const executablePath = chromiumPath();
    if (executablePath === undefined)
      throw new Refused("There is no Chromium here. Install it, or say where it is: CHROMIUM_PATH=…");
    this.#browser ??= await chromium.launch({
      ...{ executablePath, args },
      ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }, // see `closingAfter`
    });
    const context = await this.#browser.newContext({
      ...{
        viewport: { width: 960, height: 540 },
        colorScheme: "light",
        reducedMotion: "reduce",
        locale: "en-GB",
      },
      timezoneId: "UTC",
    });
    context.setDefaultTimeout(this.#patience);
    const page = await context.newPage();
    this.#pages.set(isSecond, page);
    return page;
  }

  /** A page that was only opened is opened again: the program may just begin again, with what has changed. */
  async #see(page: Page, { seen: told = [], clauses }: Visit, ids: Ids): Promise<Ids> {
    const isOpened = clauses.every(({ does }) => does === "open" || does === "reload");
    for (const end = Date.now() + this.#patience; ; await sleep(200)) {
      const text = await textOf(page);
      const result = seen(told, text, ids);
      if ("ids" in result) return result.ids;
      if (Date.now() > end)
        throw new Error(
          `The page ${new URL(page.url()).pathname} does not show this, or not in this order:\n  ${result.missing}\n\nIt shows:\n${text}`,
        );
      if (isOpened) await open(page, page.url(), this.#patience);
    }
  }
}

/** Waits until the page is there. */
async function textOf(page: Page): Promise<string> {
  await page.waitForLoadState();
  return page.evaluate(visibleText);
}

async function act(page: Page, { does, what, value = "" }: Clause, patience: number): Promise<void> {
  switch (does) {
    case "open":
      return open(page, what, patience);
    case "reload":
      await page.reload();
      return;
    case "back":
      await page.goBack();
      return;
    case "follow":
      return go(page, await link(page, what));
    case "press":
      return go(
        page,
        await only(page.getByRole("button", { name: what, exact: true }), `button ${what}`, page, "button"),
      );
    case "type":
      return (await field(page, what)).fill(value);
    case "clear":
      return (await field(page, what)).fill("");
    case "choose":
      await (await field(page, what)).selectOption({ label: value });
      return;
    case "tick":
      return (await field(page, what)).check();
    case "untick":
      return (await field(page, what)).uncheck();
  }
}

/** The program may just begin again. */
async function open(page: Page, address: string, patience: number): Promise<void> {
  for (const end = Date.now() + patience; ; await sleep(100)) {
    try {
      await page.goto(address);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** The name may end in `...`, as the address in a mail does. Then it is the first one. */
async function link(page: Page, name: string): Promise<Locator> {
  const [start = "", rest] = name.split("...");
  if (rest === undefined)
    return only(page.getByRole("link", { name, exact: true }), `link ${name}`, page, "a");
  const found = page.getByRole("link", { name: start }).first();
  return only(found, `link ${name}`, page, "a");
}

async function go(page: Page, link: Locator): Promise<void> {
  await link.click();
  await page.waitForLoadState();
}

function field(page: Page, label: string): Promise<Locator> {
  const fields = page.locator("input, textarea, select");
  return only(page.getByLabel(label, { exact: true }).and(fields), `field ${label}`, page, "label");
}

/** The one that people would find by these words. */
async function only(found: Locator, what: string, page: Page, others: string): Promise<Locator> {
  await found
    .first()
    .waitFor()
    .catch(() => {});
  const count = await found.count();
  if (count === 1) return found;
  const targets = await found.evaluateAll((all) => all.map((each) => each.getAttribute("href")));
  if (count > 1 && targets[0] !== null && new Set(targets).size === 1) return found.first();
  const words = await page.locator(`${others}:visible`).allInnerTexts();
  throw new Error(
    `There ${count === 0 ? "is no" : `are ${count} times the`} ${what} on the page ${new URL(page.url()).pathname}. It has: ${words.map((each) => each.trim()).join(", ")}`,
  );
}
