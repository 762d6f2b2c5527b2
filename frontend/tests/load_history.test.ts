import assert from "node:assert/strict";
import { test } from "node:test";
import { NUMBERS, type Samples } from "../src/load_facts";
import { History, SHOWN_SECONDS } from "../src/load_history";
import { lasting, time } from "../src/load_tiles";

function samples(rows: [at: number, running: number | null][]): Samples {
  const columns = Object.fromEntries(NUMBERS.map((name) => [name, rows.map(() => null)]));
  return { ...columns, at: rows.map(([at]) => at), running: rows.map(([, value]) => value) } as Samples;
}

test("what is sent twice is there once", () => {
  const history = new History();
  history.add(
    samples([
      [10, 1],
      [12, 2],
    ]),
    12,
  );
  history.add(
    samples([
      [10, 1],
      [12, 2],
      [14, 3],
    ]),
    14,
  );
  assert.deepEqual(history.at, [10, 12, 14]);
  assert.deepEqual(history.column("running"), [1, 2, 3]);
  assert.equal(history.newest("running"), 3);
  assert.equal(history.total("running", 10), 5);
  assert.equal(history.most("running"), 3);
  assert.equal(history.most("cache"), null);
});

test("a line is broken where nobody looked", () => {
  const history = new History();
  history.add(
    samples([
      [10, 1],
      [12, 2],
      [60, 3],
    ]),
    60,
  );
  assert.deepEqual(history.at, [10, 12, 36, 60]);
  assert.deepEqual(history.column("running"), [1, 2, null, 3]);
});

test("what is older than is shown is forgotten", () => {
  const history = new History();
  history.add(
    samples([
      [10, 1],
      [12, 2],
    ]),
    12,
  );
  history.add(samples([[SHOWN_SECONDS + 11, 3]]), SHOWN_SECONDS + 11);
  assert.deepEqual(history.column("running").at(-1), 3);
  assert.equal(history.at.includes(10), false);
  history.add(samples([]), 10_000);
  assert.deepEqual(history.at, []);
  assert.equal(history.newest("running"), null);
});

test("a number that no sample has is not told", () => {
  const history = new History();
  history.add(
    samples([
      [10, null],
      [12, 0],
    ]),
    12,
  );
  assert.equal(history.tells("running"), true);
  assert.equal(history.tells("cache"), false);
});

test("times are in the unit that people read most easily", () => {
  assert.deepEqual([0, 0.0042, 0.25, 3.24, 240].map(time), ["0 ms", "4.2 ms", "250 ms", "3.2 s", "240 s"]);
  assert.deepEqual([0.2, 59, 60, 7300, 400_000].map(lasting), ["0 s", "59 s", "1 min", "2 h", "4 days"]);
});
