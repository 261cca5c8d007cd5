/** The client of a broker is installed only where it is used. The message says how. */
export class ClientNotInstalled extends Error {
  constructor(scheme: string, packages: readonly string[]) {
    super(`For a broker at ${scheme}://, install its client: npm install ${packages.join(" ")}`);
  }
}

export async function client<Module>(
  load: () => Promise<Module>,
  scheme: string,
  packages: readonly string[],
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ClientNotInstalled(scheme, packages);
  }
}
