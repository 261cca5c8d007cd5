/** Milliseconds of work that this process has done: unlike the clock, they do not count what others do on the machine. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
