const { FAULT_ROUNDS = "0" } = process.env;

/** How often to repeat what is a matter of luck; the default set does it once. */
export const rounds = Number(FAULT_ROUNDS);
