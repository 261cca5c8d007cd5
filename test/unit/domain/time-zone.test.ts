import { describe, expect, test } from "vitest";
import { Command } from "#sequent";
import { newId } from "#sequent/operations";
import {
  comesOnce,
  instantsOf,
  localTime,
  localTimeOf,
  timeZone,
  timeZones,
} from "../../../src/domain/shared/time-zone.ts";

class Remind extends Command("Remind", { at: localTime(comesOnce), timeZone: timeZone() }) {}

const errorsOf = (params: object) =>
  Remind.fromParams(params, { aggregateId: newId() }).then(
    () => ({}),
    ({ errors }) => errors,
  );

describe("a local time", () => {
  test.each([
    ["2026-11-20T09:00", "UTC", ["2026-11-20T09:00:00.000Z"]],
    ["2026-11-20T09:00", "Europe/Berlin", ["2026-11-20T08:00:00.000Z"]],
    ["2026-07-20T09:00:30", "Europe/Berlin", ["2026-07-20T07:00:30.000Z"]],
    ["2026-11-20T00:30", "Pacific/Kiritimati", ["2026-11-19T10:30:00.000Z"]],
    ["2026-11-20T09:00", "Asia/Kathmandu", ["2026-11-20T03:15:00.000Z"]],
    ["2026-03-29T02:30", "Europe/Berlin", []],
    ["2026-10-25T02:30", "Europe/Berlin", ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]],
    ["2026-04-05T01:45", "Australia/Lord_Howe", ["2026-04-04T14:45:00.000Z", "2026-04-04T15:15:00.000Z"]],
    ["2011-12-30T12:00", "Pacific/Apia", []],
  ])("%s in %s is %j", (local, zone, instants) => {
    expect(instantsOf(local, zone).map((instant) => instant.toISOString())).toEqual(instants);
  });

  test("comes back from the instant, in every zone and on either side of each change of the clocks", () => {
    for (const zone of timeZones()) {
      for (const instant of ["2026-03-29T01:00:00Z", "2026-10-25T00:59:00Z", "2027-01-01T00:00:00Z"]) {
        const wanted = new Date(instant);
        expect(instantsOf(localTimeOf(wanted, zone), zone), `${instant} in ${zone}`).toContainEqual(wanted);
      }
    }
  });

  test.each([
    ["2026-11-20 09:00", "2026-11-20T09:00"],
    [" 2026-11-20T09:00 ", "2026-11-20T09:00"],
  ])("may be typed as %j", async (typed, at) => {
    const command = await Remind.fromParams({ at: typed, timeZone: "UTC" }, { aggregateId: newId() });
    expect(command.at).toBe(at);
  });

  test.each([
    ["", "can't be blank"],
    ["tomorrow", "is not a day and a time, as in 2026-11-20 09:00"],
    ["2026-02-30T09:00", "is not a day and a time, as in 2026-11-20 09:00"],
    ["2026-11-20T24:00", "is not a day and a time, as in 2026-11-20 09:00"],
    ["20266-11-20T09:00", "is not a day and a time, as in 2026-11-20 09:00"],
    ["2026-03-29T02:30", expect.stringMatching(/^does not exist there: the clocks go forward/)],
    ["2026-10-25T02:30", expect.stringMatching(/^comes twice there: the clocks go back/)],
  ])("%j is refused with a reason", async (at, message) => {
    expect(await errorsOf({ at, timeZone: "Europe/Berlin" })).toEqual({ at: [message] });
  });
});

test.each(["", "Berlin", "Europe/Atlantis", "x".repeat(5_000)])(
  "an unknown time zone is refused: %j",
  async (zone) => {
    const errors = await errorsOf({ at: "2026-03-29T02:30", timeZone: zone });
    expect(new Set(errors.timeZone)).toEqual(new Set(["must be chosen from the list"]));
  },
);

test("the list of time zones begins with UTC, which is there once", () => {
  const all = timeZones();
  expect(all[0]).toBe("UTC");
  expect(all).toContain("Europe/Berlin");
  expect(new Set(all).size).toBe(all.length);
});
