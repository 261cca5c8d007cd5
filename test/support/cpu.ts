/** Milliseconds of work of this process. Unlike the clock, they do not count other work of the machine. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
