import { contentsOf } from "./contents.ts";
import { addressOf, type Project } from "./project.ts";

/**
 * All sections, as a script that the search loads. A page that was opened from a folder may not load JSON. Each entry has the title
 * of the page, its heading, its address and its text.
 */
export function searchIndex(project: Project): string {
  const entries = contentsOf(project).flatMap(({ path }) => {
    const document = project.documents.get(path);
    return (document?.sections ?? []).map(({ level, id, title, text }) => [
      document?.title ?? path,
      level === 1 ? "" : title,
      addressOf(path) + (level === 1 ? "" : `#${id}`),
      text.replaceAll(/\s+/g, " ").trim(),
    ]);
  });
  return `window.searchIndex = ${JSON.stringify(entries)};\n`;
}
