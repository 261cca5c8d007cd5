import { expect, test } from "vitest";
import { Command, list, object, string, ValueObject } from "#sequent";
import { readable } from "../../../../src/web/forms/conflict.ts";
import { form } from "../../../../src/web/forms/description.ts";
import { newForm } from "../../../../src/web/forms/form-page.ts";
import { fieldWithOptions, OptionsMissing, withOptions } from "../../../../src/web/forms/options.ts";

class Line extends ValueObject({ productId: string() }) {}
class Order extends Command("Order", { customerId: string(), lines: list(object(Line)) }) {}

const choice = { label: "Product", inputType: "select" } as const;
const orderForm = form([Order], {
  customerId: { label: "Customer", inputType: "select" },
  lines: { label: "Lines", each: { label: "Line", fields: { productId: choice } } },
});
const options = { customerId: { c1: "Ada" }, "lines.productId": { p1: "Pen" } };

test("every row of a list has the options of its field", () => {
  const values = { customerId: "c1", lines: [{ productId: "p1" }, {}] };
  const [customer, lines] = withOptions(newForm({ form: orderForm }, values).fields, options);
  expect(customer?.field).toMatchObject({ options: options.customerId });
  for (const row of lines?.below ?? []) expect(row.below[0]?.field).toMatchObject({ options: { p1: "Pen" } });
});

test("a page that does not say what one can choose is a mistake that names the field", () => {
  expect(() => withOptions(newForm({ form: orderForm }).fields, {})).toThrow(OptionsMissing);
});

test("a conflict shows the text of a choice, not its stored value", () => {
  expect(readable(fieldWithOptions(choice, "lines[3].productId", options), "p1")).toBe("Pen");
});
