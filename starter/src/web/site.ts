import type { Site } from "./site-type.ts";

/** What all pages have in common. */
export const site: Site = {
  name: "Sequent Blog",
  description: "A program that remembers what happened.",
  navigation: [{ label: "Home", path: "/" }],
  footer: [],
};
