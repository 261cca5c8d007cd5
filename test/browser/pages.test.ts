import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { EditPost } from "../../src/domain/post/commands.ts";
import { seed } from "../../src/seed/seed.ts";
import { words } from "../support/nasty-texts.ts";
import { payloads } from "../support/payloads.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { inspect, overflow, useBrowser } from "./browser.ts";

const { visit, context } = useBrowser();
const looks = (["light", "dark"] as const).flatMap((colorScheme) =>
  [360, 1280].map((width) => ({ colorScheme, width })),
);

/** How to come to a page from the home page of the seeded blog. */
const journeys: Record<string, (page: Page) => Promise<unknown>> = {
  home: async () => {},
  "older posts": (page) => page.getByRole("link", { name: "Older posts" }).click(),
  authors: (page) => page.goto("/authors"),
  author: async (page) => {
    await page.goto("/authors");
    await page.getByRole("link", { name: "Amara Okafor" }).click();
  },
  "sign up": (page) => page.goto("/authors/new"),
  "sign up, refused": async (page) => {
    await page.goto("/authors/new");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("E-mail").fill("ada at home");
    await page.getByRole("button", { name: "Create account" }).click();
  },
  post: (page) => openPost(page, "A loaf for people"),
  "post with code": (page) => openPost(page, "Events are what happened"),
  "post by date": (page) => openPost(page, "An accountant's guide"),
  draft: async (page) => {
    await page.goto("/authors");
    await page.getByRole("link", { name: "Amara Okafor" }).click();
    await page.getByRole("link", { name: "Notes for a winter menu" }).click();
  },
  edit: async (page) => {
    await openPost(page, "A loaf for people");
    await page.getByRole("link", { name: "Edit" }).click();
  },
  preview: async (page) => {
    await journeys["edit"]?.(page);
    await page.getByRole("button", { name: "Preview" }).click();
  },
  history: async (page) => {
    await openPost(page, "A loaf for people");
    await page.getByRole("link", { name: "History" }).click();
  },
  "history that changed too much": async (page) => {
    const ben = author({ email: `${newId()}@example.com` });
    const post = draftBy(ben.aggregateId, { title: "From scratch, twice", content: words(1) });
    const { aggregateId } = post;
    const edit = new EditPost({ aggregateId, title: "From scratch, again", content: words(2) });
    await context.blog.commandService.executeCommands(ben, post, edit);
    await page.goto(`/posts/${aggregateId}/history`);
    await page.getByText("Changed too much to show side by side").waitFor();
  },
  "post as it was": async (page) => {
    await journeys["history"]?.(page);
    await page.getByRole("link", { name: "Version 4" }).click();
    await page.getByRole("link", { name: "Version before" }).click();
    await page.getByText("version 3 of").waitFor();
    await page.getByRole("link", { name: "Version after" }).click();
    await page.getByText("version 4 of").waitFor();
  },
  "post before its first word": async (page) => {
    await journeys["history"]?.(page);
    await page.getByRole("link", { name: "Version 1" }).click();
    await page.getByRole("heading", { name: "Untitled" }).waitFor();
  },
  conflict: async (page) => {
    await openPost(page, "A short defence");
    await page.getByRole("link", { name: "Edit" }).click();
    const other = await page.context().newPage();
    await other.goto(page.url());
    for (const [tab, ending] of [
      [other, "So do most restaurants."],
      [page, "So do I."],
    ] as const) {
      const text = tab.getByLabel("Text", { exact: true });
      await text.fill(
        `${(await text.inputValue()).trim().split("\n")[0]}\n\nIt makes bad pizza. ${ending} ${Math.random()}`,
      );
      await tab.getByRole("button", { name: "Save changes" }).click();
      await tab.getByRole("heading", { level: 1 }).waitFor();
    }
    await other.close();
  },
  "not found": (page) => page.goto("/nothing/here"),
};

async function openPost(page: Page, title: string): Promise<void> {
  const post = page.getByRole("link", { name: title });
  const older = page.getByRole("link", { name: "Older posts" });
  await page.goto("/");
  while ((await post.count()) === 0) {
    const address = page.url();
    await older.click();
    await page.waitForURL((url) => url.href !== address, { waitUntil: "domcontentloaded" });
  }
  await post.click();
}

describe("every page is accessible, fits, and looks as it should", () => {
  beforeEach(() => seed(context.blog.commandService));

  test.each(Object.keys(journeys))("%s", async (name) => {
    for (const look of looks) {
      const page = await visit("/", look);
      await journeys[name]?.(page);
      await inspect(page, `${name.replace(/\W+/g, "-")}-${look.colorScheme}-${look.width}`);
      await page.setViewportSize({ width: 320, height: 600 });
      expect(await overflow(page)).toBe(0);
      await page.context().close();
    }
  });
});

describe("a blog without posts", () => {
  test("first run", async () => {
    for (const look of looks)
      await inspect(await visit("/", look), `first-run-${look.colorScheme}-${look.width}`);
    await context.blog.commandService.executeCommands(author());
    for (const look of looks)
      await inspect(await visit("/", look), `first-post-${look.colorScheme}-${look.width}`);
  });
});

describe("hostile text in a real browser", () => {
  test("no payload runs, asks for anything, or breaks the page", async () => {
    const ben = author();
    await context.blog.commandService.executeCommands(ben);
    const all = draftBy(ben.aggregateId, {
      title: "<script>alert(1)</script>",
      content: payloads.join("\n\n"),
    });
    const long = draftBy(ben.aggregateId, {
      title: "W".repeat(120),
      content: `${"W".repeat(2_000)}\n\n\`${"x".repeat(500)}\``,
    });
    for (const post of [all, long]) {
      await context.blog.commandService.executeCommands(post);
      await context.blog.commandService.executeCommands(publication(post.aggregateId));
      for (const path of ["", "/edit", "/history", "?at=4"]) {
        const page = await visit(`/posts/${post.aggregateId}${path}`, { width: 320 });
        expect(await overflow(page)).toBe(0);
        expect(
          await page.locator("script, img, iframe, svg, style, [onerror], [onload], [style]").count(),
        ).toBe(0);
      }
    }
    expect(await overflow(await visit("/", { width: 320 }))).toBe(0);
  });
});
