import ejs from "ejs";
import { expect, test } from "vitest";
import { escapeHtml } from "../../../src/web/templates.ts";
import { payloads } from "../../support/payloads.ts";

test.each([undefined, null, 0, false, "", "Trees", `&<>"'`, "&amp;", "a'a\u2028", payloads.join("\n")])(
  "%j is escaped as EJS itself escapes it",
  (value) => {
    expect(escapeHtml(value)).toBe(ejs.escapeXML(value as string));
  },
);
