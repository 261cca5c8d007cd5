import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { render } from "../../../tools/rendering/render.ts";
import { Copy, run } from "../../support/copy.ts";
import { root } from "../../support/files.ts";
import { GitFolder } from "../../support/git-folder.ts";

let template: GitFolder;
let project: GitFolder;

/** The template is this work tree, in a repository of its own: that of a checkout in CI has no older commit. */
beforeAll(() => {
  const copy = new Copy();
  template = new GitFolder({}, copy.directory);
  template.exclude("node_modules");
  const older = template.commit();
  copy.edit("src/web/pages/flash.ts", [/$/, "\nexport const newer = 1;\n"]);
  copy.edit("src/domain/author/author.ts", [/^export class/m, "/** Newer. */\n$&"]);
  copy.edit("docs/glossary.md", [/$/, "\nA newer word.\n"]);
  copy.write(
    "src/web/pages/newer.ts",
    'import { newer } from "./flash.ts";\n\nexport const author = newer;\n',
  );
  copy.write("bench/newer.ts", "export const newer = 1;\n");
  template.commit();

  project = new GitFolder();
  const names = { name: "shop", title: "Shop", from: "blog", rename: { Author: "Vendor" } } as const;
  render(template.folder, older, { template: template.folder, ...names }, project.folder);
  project.exclude("node_modules");
  symlinkSync(join(root, "node_modules"), project.at("node_modules"), "junction");
  project.commit();
});
afterAll(() => {
  template.delete();
  project.delete();
});

test("a project that has gone its own way takes over a later version of this one, and still compiles", async () => {
  for (const path of project.git("grep", "-l", "/flash.ts", "src", "test").split("\n"))
    project.write({ [path]: project.read(path).replaceAll("/flash.ts", "/notices.ts") });
  project.move("src/web/pages/flash.ts", "src/web/pages/notices.ts");
  project.remove("docs/glossary.md", "bench", "test/unit/bench");
  project.commit({
    "README.md": "# Our shop\n",
    "src/domain/review/review.ts": "export const review = 1;\n",
  });

  const dryRun = await run(project.folder, "npm", "run", "update", "--", "--dry-run");
  expect(dryRun).toContain("nothing was changed");
  expect(project.git("status", "--porcelain")).toBe("");

  const said = await run(project.folder, "npm", "run", "update");
  expect(said).toMatch(
    /4 files changed[\s\S]*Left alone, because you deleted them:\n {2}bench\/\n {2}docs\/glossary\.md\n\n/,
  );
  expect(project.git("status", "--porcelain").split("\n")).toEqual([
    "M  .template.json",
    "M  src/domain/vendor/vendor.ts",
    "A  src/web/pages/newer.ts",
    "M  src/web/pages/notices.ts",
  ]);
  expect(project.read("src/web/pages/newer.ts")).toContain("vendor = newer");
  project.write({
    "src/web/pages/newer.ts": project.read("src/web/pages/newer.ts").replace("flash", "notices"),
  });
  await run(project.folder, "npm", "run", "types");
});
