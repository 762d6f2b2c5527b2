import assert from "node:assert/strict";
import { test } from "node:test";
import { ownTime } from "../src/quota_line";

test("a moment is told by the clock of whoever reads it", () => {
  const zone = process.env.TZ;
  process.env.TZ = "Africa/Tripoli";
  const at = "2026-12-01T00:00:00Z";
  assert.match(ownTime(at, new Date("2026-11-30T23:00:00Z")), /^That is 0?2:00.* here\.$/);
  assert.match(ownTime(at, new Date("2026-11-21T09:00:00Z")), /^That is .*(1|December).* here\.$/);
  process.env.TZ = "UTC";
  assert.equal(ownTime(at), "");
  process.env.TZ = zone;
});

test("what is no moment says nothing", () => {
  assert.equal(ownTime(""), "");
  assert.equal(ownTime("soon"), "");
});
