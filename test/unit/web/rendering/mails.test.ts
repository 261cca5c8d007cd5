import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type MailTemplates, renderMail } from "../../../../src/web/rendering/mails.ts";
import { site } from "../../../../src/web/site.ts";
import { textOf } from "../../../support/web.ts";

const link = "https://blog.example.com/sign-in/A-b_1?x=1&y='<\">";
const values: MailTemplates = {
  "sign-in": { link, minutes: 15 },
  "confirm-address": { link, minutes: 15 },
  "no-account": { link },
  "confirm-new-address": { link, minutes: 15 },
  "address-changed": {},
  "account-erased": {},
};
const names = Object.keys(values) as (keyof MailTemplates)[];
const render = (name: keyof MailTemplates) => renderMail(name, "ann@example.com", values[name]);

test("views/mail has these mails, each as text and as HTML", () => {
  const files = readdirSync("views/mail").filter(
    (file) => /\.ejs$/.test(file) && !/^(begin|end)\./.test(file),
  );
  expect(files.sort()).toEqual(names.flatMap((name) => [`${name}.ejs`, `${name}.txt.ejs`]).sort());
});

describe.each(names)("%s", (name) => {
  test("goes to one person, and its subject says which site it is from", async () => {
    const { to, subject } = await render(name);
    expect(to).toBe("ann@example.com");
    expect(subject).toContain(site.name);
    expect(subject).toBe(subject.trim());
  });

  test("says the same in text and in HTML", async () => {
    const { text, html, subject } = await render(name);
    const [, body = ""] = /<body>(.*)<p><small>/s.exec(html) ?? [];
    expect(textOf(body).trim()).toBe(text.replace(/\s+/g, " ").trim());
    expect(html).toContain(`<title>${subject}</title>`);
    expect(text).not.toMatch(/<\/?\w/);
  });

  test("needs nothing from elsewhere: no image, no script, no stylesheet", async () => {
    const { html } = await render(name);
    expect(html).not.toMatch(/<(img|script|link|style|iframe)\b|\bstyle=|\bon\w+=/);
  });
});

test("a link is as it is in the text, and escaped in HTML", async () => {
  const { text, html } = await render("sign-in");
  expect(text).toContain(`\n${link}\n`);
  const escaped = "https://blog.example.com/sign-in/A-b_1?x=1&amp;y=&#39;&lt;&#34;&gt;";
  expect(html).toContain(`<a href="${escaped}">${escaped}</a>`);
});

test("a value that is missing is an error, in both", async () => {
  const renderWithout = (part: object) => renderMail("sign-in", "ann@example.com", part as never);
  await expect(renderWithout({ link, minutes: undefined })).rejects.toThrow("A value is undefined");
  await expect(renderWithout({ minutes: 15 })).rejects.toThrow("link is not defined");
});
