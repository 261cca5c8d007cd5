import { findSections } from "./search.js";

/** Without this script the pages work, too: it adds the search and the buttons that copy. */

const search = document.querySelector(".search");
const input = search.querySelector("input");
const panel = search.querySelector(".results");
const [status, list] = panel.children;
const root = search.dataset.index.replace("assets/search-index.js", "");

search.hidden = false;

search.addEventListener("focusin", loadIndex, { once: true });
input.addEventListener("input", showResults);
input.addEventListener("focus", showResults);
search.addEventListener("focusout", ({ relatedTarget }) => {
  if (!search.contains(relatedTarget)) panel.hidden = true;
});
list.addEventListener("click", ({ target }) => {
  if (target.closest("a")) panel.hidden = true;
});

document.addEventListener("keydown", (event) => {
  const isTyping = /^(input|textarea|select)$/i.test(event.target.tagName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    input.focus();
    input.select();
  }
});

search.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target === input && !panel.hidden) list.querySelector("a")?.click();
  if (event.key === "Escape") {
    panel.hidden = true;
    input.blur();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || panel.hidden) return;
  event.preventDefault();
  const stops = [input, ...list.querySelectorAll("a")];
  stops[stops.indexOf(document.activeElement) + step]?.focus();
});

/** A script, because a page that was opened from a folder may not ask for other data. */
function loadIndex() {
  const script = document.createElement("script");
  script.src = search.dataset.index;
  script.onload = showResults;
  document.head.append(script);
}

function showResults() {
  const query = input.value.trim();
  panel.hidden = query === "" || window.searchIndex === undefined;
  if (panel.hidden) return;
  const found = findSections(window.searchIndex, query);
  status.textContent = found.length === 0 ? `Nothing has “${query}”.` : "";
  list.replaceChildren(...found.map(resultOf));
}

/** Only texts, never HTML: what is found may be an example of an attack. */
function resultOf({ title, heading, address, excerpt }) {
  const link = element("a", element("strong", heading || title), heading ? element("small", title) : "");
  link.href = root + address;
  link.append(element("span", ...excerpt.map((text, at) => (at % 2 === 1 ? element("mark", text) : text))));
  return element("li", link);
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

/** Of a console only the commands are copied, with the lines that they continue on. */
function textOf(block) {
  const text = block.querySelector("code").textContent;
  const commands = [...text.matchAll(/^\$ ((?:[^\n]*\\\n)*[^\n]*)/gm)].map(([, command]) => command);
  return block.dataset.language === "console" && commands.length > 0 ? commands.join("\n") : text;
}

for (const block of navigator.clipboard ? document.querySelectorAll(".code") : []) {
  const button = element("button", "Copy");
  button.className = "copy";
  button.type = "button";
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(textOf(block));
    button.textContent = "Copied";
    setTimeout(() => button.replaceChildren("Copy"), 2_000);
  });
  block.append(button);
}

/** Beside the text, the lists of pages and headings are open, and the list of pages shows where one is. */
const contents = document.querySelector(".contents");
const current = contents.querySelector("[aria-current]");
const isWide = (width) => matchMedia(`(min-width: ${width})`).matches;
if (isWide("60rem")) contents.querySelector("details").open = true;
if (isWide("78rem")) for (const details of document.querySelectorAll(".toc details")) details.open = true;
if (current?.offsetTop > contents.clientHeight * 0.8)
  contents.scrollTop = current.offsetTop - contents.clientHeight / 2;
