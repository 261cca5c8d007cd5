import type { Act, Start, Stop } from "./acts.ts";

/** The programs that go on running after these acts. */
export function stillRunning(acts: readonly Act[]): (Act & Start)[] {
  const running: (Act & Start)[] = [];
  for (const act of acts) {
    if (act.kind === "start") running.push(act);
    if (act.kind === "stop") {
      const stopped = running.findLast(({ command }) => isMeant(act, command.line));
      if (stopped) running.splice(running.indexOf(stopped), 1);
    }
  }
  return running;
}

/** The last program, or the one that the sentence names. */
export function isMeant({ program }: Stop, line: string): boolean {
  return program === undefined || program === line;
}
