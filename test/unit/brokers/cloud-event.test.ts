import { expect, test } from "vitest";
import { cloudEventIn, cloudEventOf, plainName, withoutData } from "../../../src/brokers/cloud-event.ts";

const event = {
  aggregateId: "0198c2d4-1f00-7a00-8000-0123456789ab",
  aggregateType: "Order",
  sequenceNumber: 3,
  type: "OrderShipped",
  version: 1,
  createdAt: new Date("2026-11-29T09:00:00Z"),
  commandId: "0198c2d4-1f00-7a00-8000-ba9876543210",
  commandType: "ShipOrder",
  userId: undefined,
  metadata: undefined,
  cause: undefined,
};

test("an event is a CloudEvent with our extensions", () => {
  expect(cloudEventOf(event, "/shop", { shippingDate: "2026-11-29" })).toEqual({
    specversion: "1.0",
    id: "0198c2d4-1f00-7a00-8000-0123456789ab:3",
    source: "/shop",
    type: "OrderShipped",
    subject: "0198c2d4-1f00-7a00-8000-0123456789ab",
    time: "2026-11-29T09:00:00.000Z",
    datacontenttype: "application/json",
    aggregatetype: "Order",
    aggregatesequence: 3,
    eventversion: 1,
    commandid: "0198c2d4-1f00-7a00-8000-ba9876543210",
    data: { shippingDate: "2026-11-29" },
  });
});

test("the request and the event behind it are in it, if they are known", () => {
  const cause = { aggregateId: "0198c2d4-1f00-7a00-8000-000000000001", sequenceNumber: 7 };
  const { correlationid, causationid } = cloudEventOf(
    { ...event, cause, metadata: { requestId: "r1" } },
    "/shop",
    {},
  );
  expect({ correlationid, causationid }).toEqual({
    correlationid: "r1",
    causationid: "0198c2d4-1f00-7a00-8000-000000000001:7",
  });
});

test("a message is read back, and what is none of ours is not", () => {
  const read = cloudEventOf(event, "/shop", { note: "…" });
  expect(cloudEventIn(JSON.stringify(read))).toEqual(read);
  for (const other of [
    "",
    "null",
    "[]",
    "{}",
    '{"specversion":"1.0","id":"1"}',
    JSON.stringify({ ...read, subject: 1 }),
  ])
    expect(cloudEventIn(other)).toBeUndefined();
});

test("without its data, an event says what is missing", () => {
  const { data, dataref } = withoutData(cloudEventOf(event, "/shop", { note: "long" }));
  expect({ data, dataref }).toEqual({ data: undefined, dataref: `/shop#${event.aggregateId}:3` });
});

test("a name with a meaning for brokers becomes a plain one", () => {
  expect(plainName("Order.Line >*#")).toBe("Order_Line____");
});
