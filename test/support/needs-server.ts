/** What only a server can show must not pass without one: the embedded Postgres does one thing at a time. */
export function setup(): void {
  if (process.env["DATABASE_URL"]) return;
  throw new Error(
    "These tests need a Postgres server, as in DATABASE_URL=postgres://localhost/test npm run test:server",
  );
}
