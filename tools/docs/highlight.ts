import { escapeHtml } from "../../src/web/rendering/templates.ts";
import { notCode } from "../source.ts";

/** What is no code: comments in the first group, texts in the others. */
const hash = /((?<=^|\s)#[^\n]*)/gm;
const patterns: Readonly<Record<string, RegExp>> = {
  ts: notCode,
  js: notCode,
  sql: /(--[^\n]*)|('(?:''|[^'])*')/g,
  html: /(<!--[\s\S]*?-->|<%#[\s\S]*?%>)/g,
  sh: hash,
  yaml: hash,
  ini: hash,
  nginx: hash,
};
const others: Readonly<Record<string, string>> = {
  ejs: "html",
  yml: "yaml",
  example: "ini",
  Dockerfile: "sh",
};

/** Code as HTML, in which comments and texts can be told from the rest. In a console, what is typed from what is printed. */
export function highlighted(code: string, language: string): string {
  if (language === "console") return code.replace(/^.*$/gm, (line) => consoleLine(line));
  const pattern = patterns[others[language] ?? language];
  if (!pattern) return escapeHtml(code);
  let html = "";
  let from = 0;
  for (const found of code.matchAll(pattern)) {
    const [all, comment, ...texts] = found;
    html += escapeHtml(code.slice(from, found.index));
    if (comment) html += span("comment", all);
    else html += texts.some(Boolean) ? span("text", all) : escapeHtml(all);
    from = found.index + all.length;
  }
  return html + escapeHtml(code.slice(from));
}

function consoleLine(line: string): string {
  if (line.startsWith("$ ")) return span("prompt", "$ ") + span("command", line.slice(2));
  return line && span("output", line);
}

function span(kind: string, text: string): string {
  return `<span class="${kind}">${escapeHtml(text)}</span>`;
}
