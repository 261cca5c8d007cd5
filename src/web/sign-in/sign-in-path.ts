/** `again` is for somebody who is signed in, but has to show once more who they are. */
export function signInPath(returnTo: string | undefined, again = false, sent = false): string {
  const query = new URLSearchParams();
  if (sent) query.set("sent", "yes");
  if (again) query.set("again", "yes");
  if (returnTo !== undefined && returnTo !== "/") query.set("return_to", returnTo);
  return query.size > 0 ? `/sign-in?${query}` : "/sign-in";
}
