/** The files whose lists must know a new part. */
export const places = {
  program: "src/blog.ts",
  queries: "src/projections/queries.ts",
  app: "src/web/app.ts",
  navigation: "src/web/site.ts",
} as const;
