import { type Words, withArticle } from "../words.ts";
import type { Attribute } from "./attributes.ts";
import type { ShownColumn } from "./columns.ts";
import { labelOf } from "./fields.ts";
import { mustBeTyped } from "./types.ts";

/** The templates of an aggregate. The pages are named by its plural: /authors. */
export interface Names {
  readonly one: Words;
  readonly many: Words;
  /** The variable that holds a page of the list. */
  readonly list: string;
}

/** What names a row for people: its first text, or its time. */
export function titleOf(
  { one }: Names,
  columns: readonly ShownColumn[],
  attributes: readonly Attribute[],
): string {
  const title = columns.find(({ type }) => type === "text");
  if (!title) return `longTime(${one.camel}.created_at)`;
  const isNeeded = attributes.some(({ name, type }) => name === title.attribute && mustBeTyped(type));
  return `${one.camel}.${title.name}${isNeeded && !title.isNullable ? "" : ' || "Untitled"'}`;
}

export function indexView(names: Names, title: string): string {
  const { one, many, list } = names;
  return `<%- include("../shared/header", { path: after ? undefined : "/${many.kebab}", title: "${labelOf(many.camel)}" }) %>
<h1>${labelOf(many.camel)}</h1>
<% if (${list}.rows.length === 0) { -%>
<p><%= after ? "There are no more ${many.text}." : "There are no ${many.text} yet." %></p>
<% } else { -%>
<ul class="list">
<% for (const ${one.camel} of ${list}.rows) { -%>
  <li><a href="/${many.kebab}/<%= ${one.camel}.aggregate_id %>"><bdi><%= ${title} %></bdi></a></li>
<% } -%>
</ul>
<% } -%>
<%- include("../shared/pagination", { next: ${list}.next, after, base: "/${many.kebab}", older: "Older ${many.text}", newest: "Newest ${many.text}" }) %>
<p><a class="button" href="/${many.kebab}/new">Add ${withArticle(one.text)}</a></p>
<%- include("../shared/footer") %>
`;
}

export function formView({ one, many }: Names): string {
  const heading = `Add ${withArticle(one.text)}`;
  return `<%- include("../shared/header", { path: "/${many.kebab}/new", title: form.status === 200 ? "${heading}" : "Error: ${heading}" }) %>
<h1>${heading}</h1>
<%- include("../shared/form-problems", { form }) %>
<form method="post" action="/${many.kebab}" novalidate>
  <%- include("../shared/form-fields", { form }) %>
  <div class="actions"><button>Add</button></div>
</form>
<%- include("../shared/footer") %>
`;
}

export function pageView({ one, many }: Names, title: string, columns: readonly ShownColumn[]): string {
  const heading = columns.find(({ type }) => type === "text");
  const rows = columns.filter((column) => column !== heading).map((column) => rowOf(one, column));
  return `<%- include("../shared/header", { path: \`/${many.kebab}/\${${one.camel}.aggregate_id}\`, title: ${title} }) %>
<h1 dir="auto"><%= ${title} %></h1>
<dl>
${rows.join("")}  <dt>Added</dt>
  <dd><time datetime="<%= ${one.camel}.created_at.toISOString() %>"><%= longTime(${one.camel}.created_at) %></time></dd>
</dl>
<p><a href="/${many.kebab}">All ${many.text}</a></p>
<%- include("../shared/footer") %>
`;
}

function rowOf(one: Words, { name, type, isNullable, attribute }: ShownColumn): string {
  const value = `${one.camel}.${name}`;
  const [, element] = /^list\(column\.(\w+)\)$/.exec(type) ?? [];
  const words = /text/.test(type) ? ' dir="auto"' : "";
  const row = `  <dt>${labelOf(attribute)}</dt>\n  <dd${words}><%= ${element ? listed(element, value) : shownAs(type, value)} %></dd>\n`;
  return isNullable ? `<% if (${value} !== null) { -%>\n${row}<% } -%>\n` : row;
}

function listed(element: string, value: string): string {
  const each = shownAs(element, "each");
  return `${each === "each" ? value : `${value}.map((each) => ${each})`}.join(", ")`;
}

function shownAs(type: string, value: string): string {
  if (type === "date") return `longDate(${value})`;
  if (type === "time") return `longTime(${value})`;
  if (type === "boolean") return `${value} ? "Yes" : "No"`;
  return type.startsWith("json") ? `JSON.stringify(${value})` : value;
}
