import { type BaseCommand, isProgram } from "#sequent";
import { AddPost, PublishPost, SchedulePost } from "./commands.ts";
import { AddressNotConfirmed } from "./errors.ts";

/** What a filter of the domain may look up. */
interface LookUps {
  isAddressConfirmed(accountId: string): Promise<boolean>;
}

/**
 * A filter of commands: nobody publishes before they have confirmed their address. Otherwise somebody could publish under the
 * address of another person. It is no rule of a post, as a post knows nothing of addresses.
 */
export function publishingFilter({ isAddressConfirmed }: LookUps) {
  return async (command: BaseCommand): Promise<void> => {
    const { userId } = command;
    if (userId === undefined || isProgram(userId) || !isPublication(command)) return;
    if (!(await isAddressConfirmed(userId))) throw new AddressNotConfirmed();
  };
}

function isPublication(command: BaseCommand): boolean {
  if (command instanceof AddPost) return command.publicationDate !== undefined;
  return command instanceof PublishPost || command instanceof SchedulePost;
}
