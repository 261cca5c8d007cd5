import { startBlog } from "../harness/blog-server.ts";
import { makeHistory } from "../harness/history.ts";
import { httpLoad } from "../harness/http-load.ts";
import type { Lab } from "../harness/lab.ts";
import { getPages, startExpress } from "./pages/get-pages.ts";
import { postForms } from "./pages/post-forms.ts";
import { getWhilePosting } from "./pages/while-posting.ts";

/** The blog as in production, compared with Express by hand. Each is a process, and the load is another one. */
export async function pages(lab: Lab): Promise<void> {
  const store = await lab.createStore();
  const { authorId, postIds } = await makeHistory(store, {
    posts: 6_000,
    eventsOfPost: 5,
    contentLength: 1_000,
  });
  const [blog, express] = [await startBlog(store, { cleanup: lab.cleanup }), await startExpress(lab, store)];
  const load = httpLoad(lab.cleanup);
  const site = { store, blog, express, load, authorId, postIds };
  await getPages(lab, site);
  await getWhilePosting(lab, site);
  await postForms(lab, site);
}
