/** Calls it when the signal is aborted, or at once if it is already. The result ends the waiting. */
export function whenAborted(signal: AbortSignal, stop: () => void): () => void {
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  return () => signal.removeEventListener("abort", stop);
}
