import { fileURLToPath } from "node:url";
import ejs from "ejs";
import { expect, test } from "vitest";
import { escapeHtml, renderTemplate } from "../../../../src/web/rendering/templates.ts";
import { cpuTime } from "../../../support/cpu.ts";
import { payloads } from "../../../support/payloads.ts";

test.each([null, 0, false, "", "Trees", `&<>"'`, "&amp;", "a'a\u2028", payloads.join("\n")])(
  "%j is escaped as EJS itself does it",
  (value) => {
    expect(escapeHtml(value)).toBe(ejs.escapeXML(value as string));
  },
);

test("a misspelt name, or a column that a query forgot, is an error with the line of the template", async () => {
  const template = fileURLToPath(new URL("../../../fixtures/misspelt.ejs", import.meta.url));
  const rendering = new Promise((resolve, reject) => {
    renderTemplate(template, { post: { title: "Trees" } }, (error, text) =>
      error ? reject(error) : resolve(text),
    );
  });
  await expect(rendering).rejects.toThrow(
    /misspelt\.ejs:2[\s\S]*post\.titel[\s\S]*A value is undefined\. Is a name misspelt/,
  );
});

test.each(["<", `a<b&"'>`, "\u00fc<", "\u{1f468}&", "\ud800<"])(
  "a long text of %j is escaped in no time",
  (piece) => {
    const text = piece.repeat(2_000);
    expect(escapeHtml(text)).toBe(ejs.escapeXML(text));
    const started = cpuTime();
    escapeHtml(piece.repeat(1_000_000 / piece.length));
    expect(cpuTime() - started).toBeLessThan(500);
  },
);
