import type { Site } from "./site-type.ts";

/** What all pages have in common. */
export const site: Site = {
  name: "Sequent Blog",
  description: "Notes, essays and stories from people who like to write.",
  navigation: [
    { label: "Posts", path: "/" },
    { label: "Authors", path: "/authors" },
    { label: "Search", path: "/search", onlyIf: "hasSearch" },
  ],
  visitors: {
    signedIn: ({ id }) => [
      { label: "Write", path: `/authors/${id}#new-post` },
      { label: "Your posts", path: `/authors/${id}` },
      { label: "Account", path: "/account" },
    ],
    signedOut: [
      { label: "Sign in", path: "/sign-in" },
      { label: "Sign up", path: "/authors/new" },
    ],
  },
  footer: [
    { label: "Feed", path: "/feed.xml" },
    { label: "Authors", path: "/authors" },
  ],
  feed: "/feed.xml",
};
