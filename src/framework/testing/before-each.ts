/**
 * The `beforeEach` of the test runner, by which each test starts afresh. What the function returns is called when
 * the test has ended; a runner that does not do so only misses that last check.
 */
export type BeforeEach = (start: () => () => void) => unknown;
