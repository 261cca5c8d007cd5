import { type Phase, type ProjectorClass, Replay, type ReplayOptions } from "#sequent/operations";

class Stopped extends Error {}

/** Begins a replay and stops it at the beginning of this phase, like a process that stops there. */
export async function replayUntil(
  phase: Phase,
  options: ReplayOptions,
  projectors: readonly ProjectorClass[] = options.projectors,
): Promise<void> {
  const onProgress = (begun: Phase) => {
    if (begun === phase) throw new Stopped();
  };
  const replay = new Replay({ ...options, onProgress });
  try {
    await replay.replay(await replay.plan(projectors));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}
