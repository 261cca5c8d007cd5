import { test } from "vitest";

const { FAULT_ROUNDS = "0" } = process.env;

/** How often to repeat a test that depends on chance. By default, once. */
export const rounds = Number(FAULT_ROUNDS);

const numbers = Array.from({ length: Math.max(rounds, 1) }, (_, index) => index + 1);

/** For what takes long, with servers that are started each time: it runs only if rounds are asked for. */
export const testInEachRound = test.runIf(rounds > 0).each(numbers);
