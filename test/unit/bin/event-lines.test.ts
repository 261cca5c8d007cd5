import { expect, test } from "vitest";
import type { RecordedEvent } from "#sequent/operations";
import { EventLines, jsonLineOf } from "../../../src/bin/event-lines.ts";

const order = "0198f1c1-7d3e-7abc-9def-0123456789ab";
const customer = "0198f1c1-0000-7abc-9def-0123456789ab";
const commandId = "0198f1c1-1111-7abc-9def-0123456789ab";

function recorded(values: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    aggregateId: order,
    aggregateType: "Order",
    sequenceNumber: 1,
    type: "OrderPlaced",
    version: 0,
    createdAt: new Date("2026-11-20T09:00:00.000Z"),
    payload: {},
    isReadable: true,
    commandId,
    commandType: "PlaceOrder",
    userId: undefined,
    cause: undefined,
    metadata: undefined,
    position: "1:1:1",
    ...values,
  };
}

function linesOf(...events: RecordedEvent[]): string[] {
  const lines = new EventLines(["OrderPlaced", "OrderNoteChanged"]);
  return events.flatMap((event) => lines.linesOf(event));
}

const heading = `2026-11-20T09:00:00.000Z  PlaceOrder → Order ${order}`;

test("the events of a command come below one heading, with their values", () => {
  expect(
    linesOf(
      recorded(),
      recorded({
        sequenceNumber: 2,
        type: "OrderNoteChanged",
        payload: { note: "Ring", customer, copies: 2 },
      }),
    ),
  ).toEqual([
    heading,
    "    1  OrderPlaced",
    `    2  OrderNoteChanged  note: "Ring", customer: ${customer}, copies: 2`,
  ]);
});

test.each([
  ["another command", { commandId: customer, commandType: "ShipOrder" }, /ShipOrder → Order/],
  ["another aggregate", { aggregateId: customer, aggregateType: "Customer" }, /→ Customer /],
  ["another time", { createdAt: new Date("2020-01-01") }, /^2020-01-01T00:00:00\.000Z/],
])("%s has a heading of its own", (_, values, expected) => {
  expect(linesOf(recorded(), recorded(values))[2]).toMatch(expected);
});

test.each([
  ["a user", { userId: "ben" }, "by ben"],
  ["a program", { userId: "program:npm run seed" }, "by npm run seed"],
  ["a page", { metadata: { requestId: "r1" } }, "requestId r1"],
  [
    "a user on a page",
    { userId: "ben", metadata: { requestId: "r1", attempt: 2 } },
    "by ben, requestId r1, attempt 2",
  ],
  [
    "a workflow",
    { userId: "workflow:ShippingWorkflow", cause: { aggregateId: customer, sequenceNumber: 3 } },
    `by ShippingWorkflow, because of event 3 of ${customer}`,
  ],
])("the heading names the sender: %s", (_, values, expected) => {
  expect(linesOf(recorded(values))[0]).toBe(`${heading}  ${expected}`);
});

test.each([
  ["a long text is cut", "é".repeat(2_000), `"${"é".repeat(59)}… (2,000 characters)`],
  ["a long list is cut", Array(100).fill(1), `[${"1,".repeat(29)}1… (201 characters)`],
  ["a text of several lines is on one", "one\ntwo", '"one\\ntwo"'],
  ["an erased value has no quotation marks", "[erased]", "[erased]"],
  ["a secret has no quotation marks", "[secret]", "[secret]"],
  ["control characters are written out", "\u001b[31m\u009b\u202e", '"\\u001b[31m\\u009b\\u202e"'],
  ["an empty value", null, "null"],
])("a value is short, on one line and harmless: %s", (_, value, expected) => {
  expect(linesOf(recorded({ payload: { value } }))[1]).toBe(`    1  OrderPlaced       value: ${expected}`);
});

test("a name that a person chose cannot change the terminal", () => {
  expect(linesOf(recorded({ userId: "ben\u001b[2J" }))[0]).toBe(`${heading}  by "ben\\u001b[2J"`);
});

test("an event that this build cannot read is shown as it is stored", () => {
  const lines = linesOf(recorded({ type: "OrderWeighed", isReadable: false, payload: { kilograms: 3 } }));
  expect(lines[1]).toBe("    1  OrderWeighed      (this build cannot read it)  kilograms: 3");
});

test("a line of JSON has six fields, and whole values", () => {
  const note = "é".repeat(2_000);
  expect(JSON.parse(jsonLineOf(recorded({ userId: "ben", payload: { note } })))).toEqual({
    aggregateId: order,
    sequenceNumber: 1,
    type: "OrderPlaced",
    createdAt: "2026-11-20T09:00:00.000Z",
    payload: { note },
    commandId,
  });
});
