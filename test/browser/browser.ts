import { mkdir, readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { accounts } from "../../src/accounts.ts";
import { DevelopmentMailbox } from "../../src/mail/development-mailbox.ts";
import { finishErasureOn } from "../../src/server/finish-erasure.ts";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import { useBlog } from "../support/database.ts";
import { useFailureLog } from "../support/failure-log.ts";
import { beginSession, storeOf } from "../support/sessions.ts";

const args =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

interface Look {
  /** The token of a session: see `sessionOf`. */
  readonly session?: string;
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  readonly javaScriptEnabled?: boolean;
}

/** Signs the cookies and the links of this blog. */
export const sessionSecret = "s".repeat(32);

/** A browser in front of a blog of its own. */
export function useBrowser(more: Partial<AppOptions> = {}) {
  const context = useBlog();
  const log = useFailureLog();
  const app = () => {
    const mailbox = new DevelopmentMailbox(context.database.write);
    const signIn = accounts && { accounts, mailer: mailbox, store: storeOf(context.database, accounts) };
    const finishErasure = finishErasureOn(context.database, context.blog, log);
    const parts = { log, signIn, mailbox, finishErasure, sessionSecret };
    return createApp({ ...context.blog, ...parts, ...more });
  };
  /** Somebody who is signed in to this account: `visit("/account", { session: await sessionOf(ben) })`. */
  const sessionOf = (accountId: string) => beginSession(context.database, accountId);
  return { context, sessionOf, ...useBrowserOn(app) };
}

/**
 * A browser in front of an app. A test fails if a page writes an error to the console, breaks the content security policy
 * or asks another host for something.
 */
export function useBrowserOn(makeApp: () => RequestListener) {
  let browser: Browser | undefined;
  let server: Server | undefined;
  let origin = "";
  let open: BrowserContext[] = [];
  let complaints: string[] = [];

  beforeAll(async () => {
    const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: args.split(" ") });
    server = createServer(makeApp()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server?.once("listening", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((each) => each.close()));
    open = [];
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  return {
    /** A page in a browser window of its own. */
    async visit(
      path: string,
      { colorScheme = "light", width = 1280, javaScriptEnabled = true, session }: Look = {},
    ): Promise<Page> {
      if (!browser) throw new Error("The browser exists only after beforeAll.");
      const window = await browser.newContext({
        baseURL: origin,
        colorScheme,
        javaScriptEnabled,
        viewport: { width, height: 800 },
        reducedMotion: "reduce",
      });
      open.push(window);
      if (session) await window.addCookies([{ name: "session", value: session, url: origin }]);
      window.on("console", (message) => {
        const isStatus = /the server responded with a status of (4\d\d|503)/.test(message.text());
        if (message.type() === "error" && !isStatus) complaints.push(message.text());
      });
      window.on("weberror", (error) => complaints.push(error.error().message));
      window.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
      window.on("request", (request) => {
        if (!request.url().startsWith(`${origin}/`)) complaints.push(`asked for ${request.url()}`);
      });
      window.setDefaultTimeout(8_000);
      const page = await window.newPage();
      await page.goto(path);
      return page;
    },
  };
}

/** Presses Tab until the element with this name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await focusedName(page)) === name) return;
  }
  throw new Error(`Tab never came to "${name}".`);
}

/** The label of the element with the focus, or else its text. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()");
}

/** Fails if a page is not accessible, or wider than its window. Leaves a picture of it in test-artefacts/. */
export async function inspect(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("load");
  await mkdir("test-artefacts", { recursive: true });
  await page.screenshot({ path: `test-artefacts/${name}.png`, fullPage: true });
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  const violations = results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  expect(violations).toEqual([]);
  expect(await overflow(page)).toBe(0);
}

/** By how much a page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
