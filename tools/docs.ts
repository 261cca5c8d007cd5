import { once } from "node:events";
import { createServer } from "node:http";
import { join, relative, resolve } from "node:path";
import { command, NotUnderstood, Refused, wholeNumber } from "../src/bin/command.ts";
import { whyNotListening } from "../src/server/not-listening.ts";
import { build } from "./docs/build.ts";
import { brokenLinks } from "./docs/links.ts";
import { docsApp } from "./docs/serve.ts";
import { filesOf } from "./docs/site.ts";

const help = `Shows the README, ARCHITECTURE.md and docs/ as pages, with a search.

  npm run docs                       at http://localhost:4000; a change of a page shows when you load it again
  PORT=4001 npm run docs             at another port
  npm run docs -- build              writes the pages into the folder docs-site, for any host of static files
  npm run docs -- build ../pages     writes them into another folder, over what is there

A link that leads nowhere is named. Then nothing is built.`;

const root = resolve(import.meta.dirname, "..");

await command(
  help,
  async ({ positionals: [what, folder, ...more] }) => {
    if (more.length > 0) throw new NotUnderstood(`Not understood: ${more.join(" ")}`);
    if (what === undefined) return serve();
    if (what !== "build") throw new NotUnderstood(`Not understood: ${what}`);
    const files = filesOf(root);
    const broken = brokenLinks(files);
    if (broken.length > 0) throw new Refused(`These links lead nowhere:\n${broken.join("\n")}`);
    const place =
      folder === undefined ? join(root, "docs-site") : resolve(process.env["INIT_CWD"] ?? ".", folder);
    build(files, place);
    console.log(
      `The docs are in ${relative(process.cwd(), place) || "."}: open ${join(place, "index.html")}`,
    );
  },
  { options: {}, allowPositionals: true },
);

async function serve(): Promise<void> {
  const port = wholeNumber("PORT", process.env["PORT"] || "4000", 0, 65_535);
  const server = createServer(docsApp(root)).listen(port, "localhost"); // nobody else needs the pages
  try {
    await once(server, "listening");
  } catch (error) {
    const why = whyNotListening(error);
    throw why === undefined ? error : new Refused(why);
  }
  const address = server.address();
  console.log(`The docs are at http://localhost:${typeof address === "object" ? address?.port : port}`);
  const broken = brokenLinks(filesOf(root));
  if (broken.length > 0) console.warn(`These links lead nowhere:\n${broken.join("\n")}`);
}
