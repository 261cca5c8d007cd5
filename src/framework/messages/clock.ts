/** Gives the time. A test passes its own clock. */
export type Clock = () => Date;

export const machineClock: Clock = () => new Date();
