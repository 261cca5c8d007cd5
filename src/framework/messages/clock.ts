/** Says what time it is. A test hands in one of its own. */
export type Clock = () => Date;

export const machineClock: Clock = () => new Date();
