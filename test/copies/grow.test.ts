import { afterAll, beforeAll, test } from "vitest";
import { Copy } from "../support/copy.ts";

let copy: Copy;

beforeAll(async () => {
  copy = new Copy();
  grow();
  await copy.run("npm", "run", "fix");
});
afterAll(() => copy.delete());

/** All others stand on the shop, and do not know what the blog lists. */
const suites = [
  "check",
  "test:postgres -- test/postgres/blog",
  "test:processes -- test/processes/server.test.ts",
];

test.each(suites)(
  "with another aggregate, projector, workflow, event and version of a view, npm run %s is green",
  async (suite) => {
    await copy.run("npm", "run", ...suite.split(" "));
  },
);

function grow(): void {
  for (const [path, text] of Object.entries(files)) copy.write(path, text);
  copy.edit(
    "src/blog.ts",
    ['import { post } from "./domain/post/index.ts";\n', imports],
    ["modules = [author, post]", "modules = [author, guestBook, post]"],
    ["projectors = [AuthorProjector, ", "projectors = [AuthorProjector, GuestBookProjector, "],
    ["readonly WorkflowClass[] = () => []", "readonly WorkflowClass[] = () => [GuestBookWorkflow]"],
  );
  copy.edit("src/domain/post/commands.ts", [/$/, '\nexport class PinPost extends Command("PinPost") {}\n']);
  copy.edit("src/domain/post/events.ts", [/$/, '\nexport class PostPinned extends Event("PostPinned") {}\n']);
  copy.edit(
    "src/domain/post/post.ts",
    ["  readonly handlers", "  pin(): void {\n    this.apply(PostPinned);\n  }\n\n  readonly handlers"],
    ["  PostPublished,\n", "  PostPinned,\n  PostPublished,\n"],
  );
  copy.edit(
    "src/domain/post/post-command-handler.ts",
    [
      "  readonly handlers = [\n",
      "  readonly handlers = [\n    on(PinPost, (command) => this.doWithAggregate(command, Post, (post) => post.pin())),\n",
    ],
    ["import { AddPost, EditPost, PublishPost }", "import { AddPost, EditPost, PinPost, PublishPost }"],
  );
  copy.edit(
    "src/projections/post-projector.ts",
    ["version: 1", "version: 2"],
    [
      "  readonly handlers = [\n",
      "  readonly handlers = [\n    on(PostPinned, (event) => this.#change(event, {})),\n",
    ],
    ["  PostPublished,\n", "  PostPinned,\n  PostPublished,\n"],
  );
}

const imports = `import { GuestBookWorkflow } from "./domain/guest-book/guest-book-workflow.ts";
import { guestBook } from "./domain/guest-book/index.ts";
import { post } from "./domain/post/index.ts";
import { GuestBookProjector } from "./projections/guest-book-projector.ts";
`;

const files = {
  "src/domain/guest-book/commands.ts": `import { Command, CreationCommand, notBlank, string } from "#sequent";

export class OpenGuestBook extends CreationCommand("OpenGuestBook") {}
export class SignGuestBook extends Command("SignGuestBook", { line: string(notBlank) }) {}
`,
  "src/domain/guest-book/events.ts": `import { Event, string } from "#sequent";

export class GuestBookOpened extends Event("GuestBookOpened") {}
export class GuestBookSigned extends Event("GuestBookSigned", { line: string() }) {}
`,
  "src/domain/guest-book/guest-book.ts": `import { AggregateRoot, append, list, on, string } from "#sequent";
import type { OpenGuestBook, SignGuestBook } from "./commands.ts";
import { GuestBookOpened, GuestBookSigned } from "./events.ts";

export class GuestBook extends AggregateRoot("GuestBook", { lines: list(string()) }) {
  static open({ aggregateId }: OpenGuestBook): GuestBook {
    const guestBook = new GuestBook(aggregateId);
    guestBook.apply(GuestBookOpened);
    return guestBook;
  }

  sign({ line }: SignGuestBook): void {
    this.apply(GuestBookSigned, { line });
  }

  readonly handlers = [on(GuestBookSigned, ({ line }) => ({ lines: append(line) }))];
}
`,
  "src/domain/guest-book/guest-book-command-handler.ts": `import { CommandHandler, on } from "#sequent";
import { OpenGuestBook, SignGuestBook } from "./commands.ts";
import { GuestBook } from "./guest-book.ts";

export class GuestBookCommandHandler extends CommandHandler {
  readonly handlers = [
    on(OpenGuestBook, (command) => this.repository.addAggregate(GuestBook.open(command))),
    on(SignGuestBook, (command) =>
      this.doWithAggregate(command, GuestBook, (guestBook) => guestBook.sign(command)),
    ),
  ];
}
`,
  "src/domain/guest-book/guest-book-workflow.ts": `import { on, Workflow } from "#sequent";
import { GuestBookOpened } from "./events.ts";

export class GuestBookWorkflow extends Workflow {
  readonly handlers = [on(GuestBookOpened, () => {})];
}
`,
  "src/domain/guest-book/index.ts": `import type { DomainModule } from "#sequent";
import * as commands from "./commands.ts";
import * as events from "./events.ts";
import { GuestBook } from "./guest-book.ts";
import { GuestBookCommandHandler } from "./guest-book-command-handler.ts";

export const guestBook = {
  aggregate: GuestBook,
  commandHandler: GuestBookCommandHandler,
  commands,
  events,
} satisfies DomainModule;
`,
  "src/projections/guest-book-projector.ts": `import { column, on, Projector, table } from "#sequent";
import { GuestBookSigned } from "../domain/guest-book/events.ts";

const guestBookLines = table("guest_book_lines", {
  columns: { guest_book_id: column.uuid, number: column.integer, line: column.text },
  primaryKey: ["guest_book_id", "number"],
});

export class GuestBookProjector extends Projector("GuestBookProjector", {
  version: 1,
  tables: [guestBookLines],
}) {
  readonly handlers = [
    on(GuestBookSigned, ({ aggregateId, sequenceNumber, line }) =>
      this.create(guestBookLines, { guest_book_id: aggregateId, number: sequenceNumber, line }),
    ),
  ];
}
`,
};
