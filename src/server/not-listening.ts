/** Why a server cannot listen, if a person can do something about it. */
export function whyNotListening(error: unknown): string | undefined {
  const { code, syscall, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (syscall !== "listen" && syscall !== "bind") return undefined;
  if (code === "EADDRINUSE")
    return `Port ${port} is taken. Stop what listens there, or choose another one, as in PORT=${(port ?? 3000) + 1}`;
  if (code === "EADDRNOTAVAIL")
    return `${address} is not an address of this machine. Choose another one, as in BIND_ADDRESS=127.0.0.1`;
  if (code === "EACCES") return `Only root may listen on port ${port}. Choose another one, as in PORT=3000`;
  return undefined;
}
