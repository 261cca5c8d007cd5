import type { Lab } from "../harness/lab.ts";
import { barePg } from "../yardsticks/bare-pg.ts";
import { addPosts } from "./writes/add-posts.ts";
import { editPosts } from "./writes/edit-posts.ts";

/** The command service, compared with programs that only send the same statements to Postgres. */
export async function writes(lab: Lab): Promise<void> {
  const store = await lab.createStore();
  const bare = await barePg(store.connection, lab.cleanup);
  await addPosts(lab, store, bare);
  await editPosts(lab, store, bare);
}
