import { expect, test } from "vitest";
import { newsIn } from "../../../tools/update/news.ts";

const older = `# Changelog

Changes for people.

## Unreleased

### Added

**The blog**

- A long point
  of two lines.

### Changed

- The home page.

### Fixed

- A mistake.
`;

test("news are the new points under their headings", () => {
  const newer = older
    .replace("- A mistake.", "- A mistake.\n- Another\n  mistake.")
    .replace("- A long", "- Posts have pictures.\n- A long")
    .replace("## Unreleased", "## 0.2.0\n\nUpdate at once.\n\n### Removed\n\n- The feed.\n\n## 0.1.0");
  expect(newsIn(newer, older)).toBe(`## 0.2.0

Update at once.

### Removed

- The feed.

## 0.1.0

### Added

**The blog**

- Posts have pictures.

### Fixed

- Another
  mistake.`);
});

test("a point is no news if only its lines, its section or its line ends are others", () => {
  const moved = older.replace("point\n  of", "point of").replace("## Unreleased", "## 0.1.0");
  expect(newsIn(moved.replaceAll("\n", "\r\n"), older)).toBe("");
});

test("a changelog that is new is news, and one that is gone is none", () => {
  expect(newsIn("# Changelog\n\n- One.\n", "")).toBe("- One.");
  expect(newsIn("", older)).toBe("");
});
