/** What a project has chosen. It stands in its `.template.json`. */
export interface Project {
  /** Where the template is: an address, or a path from the folder of the project. */
  readonly template: string;
  /** Of package.json: `shop`, `book-club`. */
  readonly name: string;
  /** As people read it: `Shop`, `Book Club`. */
  readonly title: string;
  /** `starter` has no domain yet. `blog` has all of the blog. */
  readonly from: "starter" | "blog";
  /** `{ Author: "Vendor", Post: "Book/BookStock" }`. After the `/` is the plural, if it is not the one of the rules. */
  readonly rename: Readonly<Record<string, string>>;
  /** What a starter does without, of what the recipe can leave out: `["sign-in"]`. */
  readonly without?: readonly string[];
}

/** The file that remembers it, with the commit and the version of the template. */
export const recordFile = ".template.json";

export interface TemplateRecord extends Project {
  readonly commit: string;
  readonly version: string;
}
