import assert from "node:assert/strict";
import { test } from "node:test";
import { printed, readJson, type Json } from "../src/json";
import { csvOf, rowsOf } from "../src/json_table";

const TEXTS = [
  "null",
  " true ",
  "-0",
  "12345678901234567890",
  "1.50",
  "1e400",
  '""',
  '"a\\"b\\\\"',
  '"\\ud83c\\udf15 \\u0041"',
  "[]",
  "{}",
  "[[],{}]",
  '{"b": 1, "2": 2, "1": 3, "a": [1, "x", null], "__proto__": {"c": false}}',
  '\n[ {"a" : 1} ,\t{"a":"},]"} ]\r\n',
];

function plain(value: Json | null): unknown {
  if (value?.kind === "object")
    return Object.fromEntries(value.entries.map(([name, one]) => [name, plain(one)]));
  if (value?.kind === "array") return value.items.map(plain);
  return value?.kind === "string" ? value.text : JSON.parse(value?.text ?? "");
}

function read(text: string): Json {
  const value = readJson(text);
  assert.ok(value, text);
  return value;
}

test("JSON is read as the browser reads it, and printed as JSON that says the same", () => {
  for (const text of TEXTS) {
    const expected = JSON.stringify(JSON.parse(text));
    assert.equal(JSON.stringify(plain(read(text))), expected, text);
    assert.equal(JSON.stringify(JSON.parse(printed(read(text)))), expected, text);
  }
});

test("random JSON is read as the browser reads it, however it is spaced", () => {
  let seed = 7;
  const random = (most: number) => (seed = (seed * 48_271) % 2_147_483_647) % most;
  const made = (depth: number): unknown => {
    const kind = random(depth > 4 ? 4 : 6);
    if (kind === 0) return random(100_000) / 7;
    if (kind === 1) return ['"', "\\", "}", "]", ",", "\n", "🌕", ""][random(8)];
    if (kind === 2) return [true, false, null][random(3)];
    if (kind === 3) return -1 - random(50);
    if (kind === 4) return Array.from({ length: random(4) }, () => made(depth + 1));
    return Object.fromEntries(Array.from({ length: random(4) }, (_, at) => [`k"${at}\\`, made(depth + 1)]));
  };
  for (let count = 0; count < 500; count++) {
    const value = made(0);
    for (const indent of [0, 2, "\t"])
      assert.deepEqual(plain(read(JSON.stringify(value, null, indent))), value);
  }
});

test("the order of names and every digit are kept", () => {
  const text = '{"z": 12345678901234567890, "10": 1.50, "2": 1, "z": 0}';
  assert.equal(printed(read(text)), '{\n  "z": 12345678901234567890,\n  "10": 1.50,\n  "2": 1,\n  "z": 0\n}');
});

test("what is no JSON is not read, nor what is nested without end", () => {
  for (const text of ["", "{", "{'a': 1}", "[1,]", "```json\n{}\n```", "01"])
    assert.equal(readJson(text), null, text);
  assert.equal(readJson("[".repeat(5_000) + "]".repeat(5_000)), null);
  assert.ok(readJson("[".repeat(100) + "]".repeat(100)));
});

test("arrays of flat objects are tables, alone or as all that an object holds", () => {
  const rows = rowsOf(read('{"cities": [{"name": "Rome", "people": 2}, {"people": 3, "old": true}]}'));
  assert.deepEqual([rows?.name, rows?.columns, rows?.rows.length], ["cities", ["name", "people", "old"], 2]);
  for (const text of [
    "[]",
    "[1]",
    '[{"a": []}]',
    '{"a": [{"b": 1}], "c": 1}',
    "[{}]",
    '[{"a": 1}, 2]',
    '{"a": 1}',
  ])
    assert.equal(rowsOf(read(text)), null, text);
});

test("CSV quotes what it must, and no text becomes a formula", () => {
  const cells = [
    ["a,b", 'say "hi"', "two\nlines", "plain"],
    ["=1+1", "-2", "@x", "\tx"],
  ];
  const rows = rowsOf(
    read(JSON.stringify(cells.map((row) => Object.fromEntries(row.map((one, at) => [`=${at}`, one]))))),
  );
  assert.ok(rows);
  assert.equal(
    csvOf(rows),
    `'=0,'=1,'=2,'=3\r\n"a,b","say ""hi""","two\nlines",plain\r\n'=1+1,'-2,'@x,'\tx\r\n`,
  );
  const numbers = rowsOf(
    read('[{"a": -2, "b": null, "c": "null", "d": 12345678901234567890}, {"a": false}]'),
  );
  assert.ok(numbers);
  assert.equal(csvOf(numbers), "a,b,c,d\r\n-2,,null,12345678901234567890\r\nfalse,,,\r\n");
});
