import { Refused } from "../../src/bin/command.ts";
import { hiddenNames } from "../../src/web/forms/hidden-fields.ts";
import { addToList } from "../edits.ts";
import type { Tree } from "../tree.ts";
import { Words } from "../words.ts";
import { shownColumns } from "./columns.ts";
import { Aggregate, type Declaration } from "./domain.ts";
import { fieldsOf, labelOf } from "./fields.ts";
import { refuse, refuseExisting, refuseUsed } from "./names.ts";
import { addPageTest } from "./page-test.ts";
import { places } from "./places.ts";
import { bare, isOptional } from "./types.ts";
import { formView, indexView, type Names, pageView, titleOf } from "./views.ts";

/** `page Author`: a list, a form and a page, with their routes. */
export function page(tree: Tree, [typed = "", ...rest]: readonly string[]): string[] {
  if (rest.length > 0)
    throw new Refused(`A page takes no attributes: its form has those of the command that adds.`);
  const aggregate = new Aggregate(tree, typed);
  const { pascal, camel } = aggregate.words;
  const { add } = aggregate;
  if (!add)
    throw new Refused(
      `${aggregate.path("commands")} has no Add${pascal}, which the form would send. Add it by hand.`,
    );
  const names = namesOf(tree, aggregate);
  const { many } = names;
  const file = `src/web/pages/${many.kebab}.ts`;
  refuseExisting(tree, `The page of ${pascal}`, [
    file,
    `views/${many.kebab}`,
    `test/acceptance/${many.kebab}.test.ts`,
  ]);
  refuseRoute(tree, `/${many.kebab}`);
  refuseUsed(tree, places.app, `${camel}Routes`, `./pages/${many.kebab}.ts`);
  for (const name of [camel, names.list])
    if (ofTemplates.split(" ").includes(name)) refuse(pascal, `the templates use the name "${name}"`);
  const hidden = add.attributes.find(({ name }) => hiddenNames.includes(name));
  if (hidden)
    throw new Refused(
      `A form has a field "${hidden.name}" already. Give the attribute of ${add.name} another name.`,
    );

  const columns = shownColumns(tree.read(recordOf(aggregate)));
  const title = titleOf(names, columns, add.attributes);
  tree.create(file, routesOf(tree, names, add));
  tree.create(`views/${many.kebab}/index.ejs`, indexView(names, title));
  tree.create(`views/${many.kebab}/new.ejs`, formView(names));
  tree.create(`views/${many.kebab}/show.ejs`, pageView(names, title, columns));
  tree.enlist(places.app, "pageRoutes", `${camel}Routes`, `./pages/${many.kebab}.ts`);
  const link = `{ label: "${labelOf(many.camel)}", path: "/${many.kebab}" }`;
  tree.edit(places.navigation, `navigation: [… ${link}]`, (text) => addToList(text, "navigation", link));
  addPageTest(tree, aggregate, names, columns);
  return notesOf(add, file);
}

/** The names of the pages follow from the queries of the view. */
function namesOf(tree: Tree, aggregate: Aggregate): Names {
  const { words } = aggregate;
  const { pascal, camel, kebab } = words;
  const path = `src/projections/${kebab}/queries.ts`;
  const queries = tree.read(path);
  if (!tree.has(path) || !tree.has(recordOf(aggregate)))
    throw new Refused(
      `There is no view of ${pascal} yet. Make it first: npm run generate -- projection ${pascal}`,
    );
  const [, list] = /^ {2}(\w+): \(views: PostgresConnections, request: PageRequest\)/m.exec(queries) ?? [];
  const byId = new RegExp(`^ {2}${pascal}ById: .*\\{ ${camel}Id \\}`, "m");
  if (list === undefined || !byId.test(queries))
    throw new Refused(
      `${path} needs a query ${pascal}ById of { ${camel}Id }, and a list that takes a PageRequest, as in src/projections/keyset.ts.`,
    );
  const all = new Words(list);
  const many = all.pascal === `All${pascal}` ? words : all;
  return { one: words, many, list: all.camel };
}

function recordOf({ words }: Aggregate): string {
  return `src/projections/${words.kebab}/record.ts`;
}

function refuseRoute(tree: Tree, path: string): void {
  const file = tree.paths("src/web/pages/").find((each) => tree.read(each).includes(`"${path}"`));
  if (file) throw new Refused(`There is a page ${path} already, in ${file}. Nothing was changed.`);
}

function routesOf(tree: Tree, { one, many, list }: Names, add: Declaration): string {
  const { pascal, camel, kebab } = one;
  return `import type { Router } from "express";
import { ${add.name} } from "../../domain/${kebab}/commands.ts";
import { PageNotFound } from "../errors/http-errors.ts";
import { form } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { redirect } from "../forms/forms.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import { cursorOf, type PageParts, resources } from "./resources.ts";

const ${camel}Form = form([${add.name}], {
${fieldsOf(tree, add.attributes)}
});

const new${pascal}: FormPage = { form: ${camel}Form, view: "${many.kebab}/new" };

const ${many.camel}OnAPage = 50;

export function ${camel}Routes({ commandService, queries, forms, kept }: PageParts): Router {
  return resources(forms, {
    "/${many.kebab}": {
      GET: kept.route(async (req) => {
        const after = cursorOf(req);
        const ${list} = await queries.ask({ type: "${new Words(list).pascal}", limit: ${many.camel}OnAPage, after });
        return { view: "${many.kebab}/index", locals: { ${list}, after } };
      }),

      POST: {
        page: new${pascal},
        async take(req) {
          const command = await ${add.name}.fromParams(req.body, envelopeOf(req));
          await commandService.executeCommands(command);
          return redirect(\`/${many.kebab}/\${command.aggregateId}\`, "${labelOf(camel)} added");
        },
      },
    },

    "/${many.kebab}/new": { GET: (req, res) => showForm(req, res, new${pascal}, newForm(new${pascal})) },

    "/${many.kebab}/:${camel}Id": {
      GET: kept.route(async ({ params: { ${camel}Id } }) => {
        const ${camel} = await queries.ask({ type: "${pascal}ById", ${camel}Id });
        if (!${camel}) throw new PageNotFound();
        return { view: "${many.kebab}/show", locals: { ${camel} } };
      }),
    },
  });
}
`;
}

function notesOf({ name, attributes }: Declaration, file: string): string[] {
  const boxes = attributes.filter(({ type }) => type.word === "boolean");
  const ids = attributes.filter(
    ({ type }) => ["reference", "uuid"].includes(bare(type).word) && !isOptional(type),
  );
  return [
    ...boxes.map(
      (each) =>
        `A box that is not ticked is refused. To allow it, make ${each.name} of ${name} optional(boolean()).`,
    ),
    ...ids.map(
      (each) =>
        `${each.name} is typed in as an id. Make it a choice or "known" in ${file}: docs/reference/forms.md`,
    ),
  ];
}

/** Names that every template has. */
const ofTemplates =
  "after asset base description excerptOf fields flash form form include locals longDate longTime newest next noindex older path publicUrl settings site siteDescription siteName title type";
