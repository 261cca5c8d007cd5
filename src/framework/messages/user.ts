/** The `userId` of the commands of a program: `program:npm run seed`. */
export const userOfProgram = (name: string): string => `program:${name}`;

/** The `userId` of the commands of a workflow: `workflow:WelcomeWorkflow`. */
export const userOfWorkflow = (name: string): string => `workflow:${name}`;

/** The `userId` of the commands of a subscription: `subscription:WelcomeMails`. */
export const userOfSubscription = (name: string): string => `subscription:${name}`;

/** True for our own programs, workflows and subscriptions. A person has the id of an account, so nobody can be one. */
export function isProgram(userId: string | undefined): boolean {
  return userId !== undefined && /^(program|workflow|subscription):./.test(userId);
}

/**
 * True if this user may act for the person with this account: if it is that person, or one of our own programs, workflows
 * and subscriptions, which may act for anybody.
 *
 *     if (!actsFor(userId, authorAggregateId)) throw new NotTheAuthor(authorAggregateId);
 */
export function actsFor(userId: string | undefined, accountId: string | null | undefined): boolean {
  return userId !== undefined && (userId === accountId || isProgram(userId));
}
