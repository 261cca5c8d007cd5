import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Refused } from "../../src/bin/command.ts";
import { type Act, actsOfParts } from "./acts.ts";
import { type Part, partsOf } from "./markdown.ts";

/** A section of a chapter, such as `## 2.3 Publish a post (8 minutes)`. */
export interface Step {
  /** `2.3` */
  readonly name: string;
  readonly title: string;
  readonly page: string;
  readonly acts: readonly Act[];
}

export const folder = "docs/tutorial";

/** All steps of all chapters, in their order. */
export function stepsIn(root: string): Step[] {
  const pages = readdirSync(join(root, folder)).filter((name) => /^\d+-.*\.md$/.test(name));
  const byNumber = pages.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return byNumber.flatMap((name) => {
    const page = `${folder}/${name}`;
    try {
      return stepsOf(page, readFileSync(join(root, page), "utf8"));
    } catch (error) {
      throw new Refused(`${page}, ${(error as Error).message}`);
    }
  });
}

/** What stands below another heading, such as "You can now", belongs to the step before it. */
export function stepsOf(page: string, markdown: string): Step[] {
  const sections: { name: string; title: string; parts: Part[] }[] = [];
  const before: Part[] = [];
  const [chapter] = /\d+/.exec(page.split("/").at(-1) ?? "") ?? [];
  for (const part of partsOf(markdown)) {
    const [, name, title = ""] = (part.kind === "heading" && /^(\d+\.\d+) (.*)$/.exec(part.text)) || [];
    if (name !== undefined) {
      const expected = `${chapter}.${sections.length + 1}`;
      if (name !== expected) throw new Error(`line ${part.line}: step ${name} must be ${expected}.`);
      sections.push({ name, title, parts: [] });
    } else (sections.at(-1)?.parts ?? before).push(part);
  }
  const [stray] = actsOfParts(before);
  if (stray) throw new Error(`line ${stray.line}: ${stray.sentence}\nThis instruction belongs to no step.`);
  return sections.map(({ name, title, parts }) => ({ name, title, page, acts: actsOfParts(parts) }));
}

export function stepNamed(steps: readonly Step[], name: string): Step {
  const step = steps.find((each) => each.name === name);
  if (step) return step;
  throw noStep(steps, name);
}

export function noStep(steps: readonly Step[], name: string): Refused {
  return new Refused(`There is no step ${name}. There are: ${steps.map((each) => each.name).join(", ")}.`);
}

export function nameOf({ name, title }: Step): string {
  return `${name} ${title.replace(/ \(\d+ minutes?\)$/, "")}`;
}
