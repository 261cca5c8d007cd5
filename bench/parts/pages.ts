import { startBlog } from "../harness/blog-server.ts";
import { makeHistory } from "../harness/history.ts";
import { httpLoad } from "../harness/http-load.ts";
import type { Lab } from "../harness/lab.ts";
import { getPages } from "./pages/get-pages.ts";
import { postForms } from "./pages/post-forms.ts";

/** The blog as it runs in production against Express by hand, each in a process, and the load in another. */
export async function pages(lab: Lab): Promise<void> {
  const store = await lab.createStore();
  const { authorId, postIds } = await makeHistory(store, {
    posts: 6_000,
    eventsOfPost: 5,
    contentLength: 1_000,
  });
  const blog = await startBlog(store, { cleanup: lab.cleanup });
  const load = httpLoad(lab.cleanup);
  await getPages(lab, { store, blog, load, postIds });
  await postForms(lab, { store, blog, load, authorId });
}
