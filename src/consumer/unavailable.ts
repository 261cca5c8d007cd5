/**
 * What a handler needs is away, such as a mail server. The consumer waits and tries again, and parks nothing, because the event is not
 * the reason.
 */
export class Unavailable extends Error {}
