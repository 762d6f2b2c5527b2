import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorthSaying, placeWords, timeWords, Wait } from "../src/line_words";

test("a place is said as people count", () => {
  assert.equal(placeWords({ place: 3, of: 12, seconds: null, words: "" }), "You are 3rd of 12 in line");
  assert.equal(placeWords({ place: 1, of: 1, seconds: 2, words: "" }), "You are next in line");
  const ends = [2, 4, 11, 12, 13, 21, 22, 101, 111].map((place) =>
    placeWords({ place, of: 200, seconds: 1, words: "" }),
  );
  const said = ["2nd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"];
  assert.deepEqual(
    ends,
    said.map((place) => `You are ${place} of 200 in line`),
  );
});

test("a line that does not move says why, and not where one stands in it", () => {
  const wait = new Wait().take({ place: 3, of: 12, seconds: null, words: "No server answers." }, 1_000);
  assert.deepEqual([wait.place, wait.time], ["No server answers.", ""]);
});

test("a time is said no more exactly than it is known", () => {
  assert.equal(timeWords(null), "");
  assert.equal(timeWords(0), "a few seconds");
  assert.equal(timeWords(41), "about 40 seconds");
  assert.equal(timeWords(59), "about a minute");
  assert.equal(timeWords(200), "about 3 minutes");
  assert.equal(timeWords(3_600), "about an hour");
  assert.equal(timeWords(7_300), "about 2 hours");
});

test("progress never goes back, and is never said to be over", () => {
  const wait = new Wait();
  let before = 0;
  for (let at = 0; at < 120; at++) {
    const seconds = at % 7 === 0 ? 300 : Math.max(0, 60 - at);
    const { progress } = wait.take({ place: 2, of: 9, seconds, words: "" }, 1_000_000 + at * 1000);
    assert.ok(progress >= before && progress < 1, `${at}: ${progress}`);
    before = progress;
  }
  assert.ok(before > 0.9);
});

test("where the pace is not known progress is by place", () => {
  const wait = new Wait();
  assert.equal(wait.take({ place: 10, of: 10, seconds: null, words: "" }, 1_000).progress, 0);
  assert.equal(wait.take({ place: 5, of: 9, seconds: null, words: "" }, 2_000).progress, 0.5);
});

test("an estimate that grew a little is counted down as it was; one that grew much is shown", () => {
  const wait = new Wait();
  wait.take({ place: 4, of: 9, seconds: 40, words: "" }, 10_000);
  assert.equal(wait.take({ place: 4, of: 9, seconds: 43, words: "" }, 15_000).time, "about 35 seconds");
  assert.equal(wait.take({ place: 6, of: 9, seconds: 80, words: "" }, 16_000).time, "about a minute");
});

test("a screen reader hears the first place, each half of it, and that it is next", () => {
  const told: number[] = [];
  for (let place = 12; place > 0; place--) {
    if (isWorthSaying(told.at(-1), { place, of: 12, seconds: 9, words: "" })) told.push(place);
  }
  assert.deepEqual(told, [12, 6, 3, 1]);
});
