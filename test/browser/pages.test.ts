import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "#sequent/operations";
import { EditPost } from "../../src/domain/post/commands.ts";
import { SearchService } from "../../src/search/search-service.ts";
import { seed } from "../../src/seed/seed.ts";
import { unsubscribeToken } from "../../src/web/unsubscribe-token.ts";
import { words } from "../support/nasty-texts.ts";
import { payloads } from "../support/payloads.ts";
import { author, draftBy, publication } from "../support/people.ts";
import { inspect, overflow, sessionSecret, useBrowser } from "./browser.ts";

/** A search that finds every post, except for one word, by which it is away. */
const searching = createServer(async (req, res) => {
  if (req.url?.includes("away")) return res.writeHead(503).end();
  const { rows } = await context.blog.queries.ask({ type: "PublishedPosts", limit: 10 });
  const excerpt = ["It is ", "bread", ", and nothing but bread."].map((text, index) => ({
    text,
    isMatch: index === 1,
  }));
  const hits = rows.map(({ aggregate_id: id }) => ({ id, excerpt }));
  return res.end(JSON.stringify({ count: 30, hits, next: "2" }));
}).listen(0);
afterAll(() => void searching.close());

const { port } = searching.address() as AddressInfo;
const search = new SearchService(`http://localhost:${port}`, () => {});
const { visit, context, sessionOf } = useBrowser({ search });
const looks = (["light", "dark"] as const).flatMap((colorScheme) =>
  [360, 1280].map((width) => ({ colorScheme, width })),
);
/** Narrow and light, or wide and dark, in turn. With EVERY_LOOK, all four. */
const looksOf = (index: number) =>
  looks.filter((_, each) => process.env["EVERY_LOOK"] || each === (index % 2) * 3);

/** The way to a page from the home page of the seeded blog, for Amara, who wrote most of it. */
const journeys: Record<string, (page: Page) => Promise<unknown>> = {
  home: async () => {},
  "older posts": (page) => page.getByRole("link", { name: "Older posts" }).click(),
  authors: (page) => page.goto("/authors"),
  author: async (page) => {
    await page.goto("/authors");
    await page.getByRole("link", { name: "Amara Okafor" }).click();
  },
  post: (page) => openPost(page, "A loaf for people"),
  "post with code": (page) => openPost(page, "Events are what happened"),
  "post by date": (page) => openPost(page, "An accountant's guide"),
  draft: async (page) => {
    await page.goto("/authors");
    await page.getByRole("link", { name: "Amara Okafor" }).click();
    await page.getByRole("link", { name: "Notes for a winter menu" }).click();
  },
  "publish later, refused": async (page) => {
    await journeys["draft"]?.(page);
    await page.getByRole("link", { name: /Publish it later|Choose another time/ }).click();
    await page.getByLabel("Day and time").fill("2020-11-20T09:00");
    await page.getByLabel("Time zone").selectOption("Europe/Berlin");
    await page.getByRole("button", { name: "Schedule" }).click();
    await page.getByText("must be in the future").first().waitFor();
  },
  "scheduled draft": async (page) => {
    await journeys["publish later, refused"]?.(page);
    await page.getByLabel("Day and time").fill("2998-11-20T09:00");
    await page.getByRole("button", { name: "Schedule" }).click();
    await page.getByText("It will be published on 20 November 2998 at 09:00 (Europe/Berlin)").waitFor();
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
    const { aggregateId, userId } = post;
    const edit = new EditPost({ aggregateId, userId, title: "From scratch, again", content: words(2) });
    await context.blog.commandService.executeCommands(ben, post, publication(aggregateId), edit);
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
  "somebody else's post": async (page) => {
    await openPost(page, "An accountant's guide");
    expect(await page.getByRole("link", { name: "Edit" }).count()).toBe(0);
    await page.goto(`${page.url()}/edit`);
    await page.getByText("This belongs to somebody else").waitFor();
  },
  account: (page) => page.goto("/account"),
  "account, confirmation sent": async (page) => {
    await page.goto("/account");
    await page.getByRole("button", { name: "Send the link again" }).click();
    await page.getByRole("status").waitFor();
  },
  "account, name refused": async (page) => {
    await page.goto("/account/name");
    await page.getByLabel("Name").fill(" ");
    await page.getByRole("button", { name: "Save the name" }).click();
    await page.getByRole("alert").waitFor();
  },
  "account, mails": (page) => page.goto("/account/mails"),
  "account, address": (page) => page.goto("/account/email"),
  "account, link that does not work": (page) => page.goto("/account/email/AAAAAAAAAAAAAAAAAAAAAA"),
  "account, history": (page) => page.goto("/account/history"),
  "account, erase": (page) => page.goto("/account/erasure"),
  sessions: (page) => page.goto("/account/sessions"),
};

/** The same for somebody who is not signed in. */
const journeysOfStrangers: Record<string, (page: Page) => Promise<unknown>> = {
  "home of a stranger": async () => {},
  "authors of a stranger": (page) => page.goto("/authors"),
  "author of a stranger": async (page) => {
    await page.goto("/authors");
    await page.getByRole("link", { name: "Amara Okafor" }).click();
    expect(await page.getByText("Notes for a winter menu").count()).toBe(0);
  },
  "post of a stranger": (page) => openPost(page, "A loaf for people"),
  "history of a stranger": async (page) => {
    await openPost(page, "A loaf for people");
    await page.getByRole("link", { name: "History" }).click();
  },
  search: (page) => page.getByRole("link", { name: "Search" }).click(),
  "search, found": async (page) => {
    await page.getByRole("link", { name: "Search" }).click();
    await page.getByLabel("Words").fill('bread -"rye"');
    await page.keyboard.press("Enter");
    await page.getByText("30 posts").waitFor();
    await page.getByRole("link", { name: "More posts" }).click();
    await page.getByRole("link", { name: "Best matches" }).waitFor();
  },
  "search, too long": (page) => page.goto(`/search?q=${"a".repeat(300)}`),
  "search, away": async (page) => {
    await page.goto("/search?q=away");
    await page.getByText("Everything else works").waitFor();
  },
  "sign up": (page) => page.goto("/authors/new"),
  "sign up, refused": async (page) => {
    await page.goto("/authors/new");
    await page.getByLabel("Name").fill("Ada");
    await page.getByLabel("E-mail").fill("ada at home");
    await page.getByRole("button", { name: "Create account" }).click();
  },
  "sign in": (page) => page.goto("/account"),
  "sign in, mail sent": async (page) => {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill("amara@example.com");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Look in your mail" }).waitFor();
  },
  "mailbox of the developer": async (page) => {
    await journeysOfStrangers["sign in, mail sent"]?.(page);
    await page.goto("/dev/mailbox");
  },
  "link of a mail": async (page) => {
    await journeysOfStrangers["mailbox of the developer"]?.(page);
    await page.locator('main a[href*="/sign-in/"]').first().click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  },
  "link that does not work": (page) => page.goto("/sign-in/AAAAAAAAAAAAAAAAAAAAAA"),
  unsubscribe: async (page) => {
    const token = unsubscribeToken(await idOf("Amara Okafor"), sessionSecret);
    await page.goto(`/unsubscribe/${token}`);
    await page.getByRole("button").first().waitFor();
  },
};

async function idOf(name: string): Promise<string> {
  const { rows } = await context.blog.queries.ask({ type: "Authors", limit: 50 });
  return rows.find((each) => each.name === name)?.aggregate_id ?? "";
}

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
  beforeEach(() => seed(() => context.blog.commandService));

  const all = [...Object.keys(journeysOfStrangers), ...Object.keys(journeys)];
  test.each(all.map((name, index) => [name, index] as const))("%s", async (name, index) => {
    const session = name in journeys ? await sessionOf(await idOf("Amara Okafor")) : undefined;
    for (const look of looksOf(index)) {
      const page = await visit("/", { ...look, ...(session && { session }) });
      await (journeys[name] ?? journeysOfStrangers[name])?.(page);
      await inspect(page, `${name.replace(/\W+/g, "-")}-${look.colorScheme}-${look.width}`);
      await page.setViewportSize({ width: 320, height: 600 });
      expect(await overflow(page)).toBe(0);
      await page.context().close();
    }
  });
});

describe("a blog without posts", () => {
  const everywhere = async (name: string, session?: string) => {
    for (const look of looks) {
      const page = await visit("/", { ...look, ...(session && { session }) });
      await inspect(page, `${name}-${look.colorScheme}-${look.width}`);
    }
  };

  test("leads to the first account", () => everywhere("first-run"));

  test("leads an author to the first post, and everybody else to sign in", async () => {
    const ben = author();
    await context.blog.commandService.executeCommands(ben);
    await everywhere("first-post-of-a-stranger");
    await everywhere("first-post", await sessionOf(ben.aggregateId));
  });
});

describe("hostile text in a real browser", () => {
  test("no payload runs, asks for anything, or breaks the page", { timeout: 120_000 }, async () => {
    const ben = author({ name: "W".repeat(100) });
    await context.blog.commandService.executeCommands(ben);
    const session = await sessionOf(ben.aggregateId);
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
        const page = await visit(`/posts/${post.aggregateId}${path}`, { width: 320, session });
        expect(await overflow(page)).toBe(0);
        expect(
          await page.locator("script, img, iframe, svg, style, [onerror], [onload], [style]").count(),
        ).toBe(0);
      }
    }
    for (const path of ["/", "/account", "/account/sessions", "/account/erasure"])
      expect(await overflow(await visit(path, { width: 320, session }))).toBe(0);
  });
});
