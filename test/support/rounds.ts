const { FAULT_ROUNDS = "0" } = process.env;

/** How often to repeat a test that depends on chance. By default, once. */
export const rounds = Number(FAULT_ROUNDS);
