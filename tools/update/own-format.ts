import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "../rendering/render.ts";

/**
 * Formats rendered files by the rules of the project. Otherwise git would see a change of the project in each line that it
 * formats in another way.
 */
export function formatAsIn(project: string, folder: string): void {
  const [own, rules] = [join(project, "biome.json"), join(folder, "biome.json")];
  if (!existsSync(own) || !existsSync(rules)) return;
  const [wanted, rendered] = [readFileSync(own), readFileSync(rules)];
  if (wanted.equals(rendered)) return;
  writeFileSync(rules, wanted);
  format(folder);
  writeFileSync(rules, rendered); // it is merged like all other files
}
