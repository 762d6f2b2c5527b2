import assert from "node:assert/strict";
import { test } from "node:test";
import { closedLength, cutOff, hasReferences, isOpenFence, likely } from "../src/blocks";
import { markdown } from "../src/markdown";
import { CORPUS } from "./corpus";

/** Freeze closed blocks as the page does, with the text cut at the given places. */
function piecewise(text: string, cuts: number[]): string {
  let frozen = 0;
  let html = "";
  for (const cut of [...cuts, text.length]) {
    const rest = text.slice(frozen, cut);
    const closed = closedLength(rest);
    html += markdown.render(rest.slice(0, closed));
    frozen += closed;
  }
  return html + markdown.render(text.slice(frozen));
}

for (const [name, text] of Object.entries(CORPUS)) {
  test(`closed blocks never change: ${name}, cut everywhere`, () => {
    const whole = markdown.render(text);
    const every = Array.from({ length: text.length }, (_, at) => at);
    assert.equal(piecewise(text, every), whole);
    for (const step of [2, 3, 7, 31])
      assert.equal(
        piecewise(
          text,
          every.filter((at) => at % step === 0),
        ),
        whole,
      );
    for (const at of every) assert.equal(piecewise(text, [at]), whole, `cut at ${at}`);
  });
}

test("pairs of blocks in any order never change either", () => {
  const texts = Object.values(CORPUS).map((text) => text.slice(0, 160));
  for (const one of texts)
    for (const other of texts) {
      const text = `${one}\n\n${other}`;
      if (hasReferences(text)) continue;
      const every = Array.from({ length: text.length }, (_, at) => at);
      assert.equal(piecewise(text, every), markdown.render(text), JSON.stringify(text));
    }
});

test("a text with link references is rendered whole", () => {
  assert.ok(hasReferences("See [it].\n\n[it]: https://example.com"));
  assert.ok(hasReferences("> [it]: https://example.com"));
  assert.ok(!hasReferences("See [it](https://example.com): good"));
});

test("an open fence is told from a closed one", () => {
  assert.ok(isOpenFence("```py\nx = 1\n"));
  assert.ok(isOpenFence("````\n```\n"));
  assert.ok(!isOpenFence("```py\nx = 1\n```"));
  assert.ok(!isOpenFence("```py"));
  assert.ok(!isOpenFence("text\n```\n"));
  assert.ok(!isOpenFence("```\na\n```\n\nb"));
});

test("what has only begun is shown as it will most likely look", () => {
  assert.equal(likely("one\n-"), "one\n");
  assert.equal(likely("one\n2."), "one\n");
  assert.equal(likely("a **bo"), "a **bo**");
  assert.equal(likely("a **bold**"), "a **bold**");
  assert.equal(likely("run `ls -"), "run `ls -`");
  assert.equal(likely("see [the page](https://exam"), "see the page");
  assert.equal(likely("plain text"), "plain text");
});

test("a text that was cut off ends without an open mark", () => {
  assert.equal(cutOff("one **two**\n\nit is called **"), "one **two**\n\nit is called ");
  assert.equal(cutOff("it is called **Blue"), "it is called **Blue**");
  assert.equal(cutOff("it is **bold**"), "it is **bold**");
  assert.equal(cutOff("```\nname = `"), "```\nname = `");
});

test("maths is told from money, and what is not closed stays text", () => {
  assert.match(markdown.render("It is $x^2$ here"), /math-inline">x\^2</);
  assert.doesNotMatch(markdown.render("It costs $5 and $6."), /math/);
  assert.match(markdown.render("\\(a\\) and \\[b\\]"), /math-inline">a<.*math-block">b</);
  assert.match(markdown.render("$$\na\n- b\n$$"), /^<code class="math-block">\na\n- b\n<\/code>/);
  assert.doesNotMatch(markdown.render("$$\na\n\nb"), /math/);
  assert.doesNotMatch(markdown.render("`$x$`"), /math/);
});

test("names of files are not links; addresses are, and only safe ones", () => {
  assert.doesNotMatch(markdown.render("Open README.md and main.py"), /<a /);
  assert.match(markdown.render("See https://example.com/x."), /<a href="https:\/\/example.com\/x">/);
  for (const bad of [
    "javascript:alert(1)",
    "data:text/html,x",
    "//example.com",
    "/account/",
    "vbscript:x",
    "http:/account/",
    "https:x",
    "https://",
  ])
    assert.doesNotMatch(markdown.render(`[x](${bad})`), /<a /, bad);
});

test("images are named, never loaded, and table cells carry no styles", () => {
  const html = markdown.render('![a "b"](https://example.com/x.png)\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |');
  assert.doesNotMatch(html, /<img|style=|x\.png/);
  assert.match(html, /<th align="center">a<\/th>/);
});

test("a growing text is rendered once, and only its last blocks again", () => {
  const text = `${CORPUS.paragraphs}\n\n${CORPUS.fences}\n\n${CORPUS.headings}\n\n${CORPUS.table}\n\n`;
  const longest = (copies: number) => Math.max(...tails(text.repeat(copies)));
  assert.equal(longest(8), longest(2));
  assert.ok(longest(8) < text.length);
});

/** How much is rendered again after each character. */
function tails(text: string): number[] {
  let frozen = 0;
  return Array.from(text, (_, at) => {
    frozen += closedLength(text.slice(frozen, at + 1));
    return at + 1 - frozen;
  });
}

test("hostile lengths are read in linear time", () => {
  for (const unit of ["\\(", "$$", "$a", "[", "**", "`", "> ", "- ", "![", "<a ", "\\[\n", "| "]) {
    const looksAt = (length: number) => looks(() => markdown.render(unit.repeat(length / unit.length)));
    const [half, whole] = [looksAt(24_000), looksAt(48_000)];
    assert.ok(whole < 2.5 * half, `${unit}: ${half} characters are looked at, then ${whole}`);
  }
});

/** How many characters are looked at in the meantime, one by one or in search of others. */
function looks(act: () => void): number {
  const { charCodeAt, indexOf } = String.prototype;
  let count = 0;
  String.prototype.charCodeAt = function (at) {
    count++;
    return charCodeAt.call(this, at);
  };
  String.prototype.indexOf = function (wanted, from = 0) {
    const found = indexOf.call(this, wanted, from);
    count += (found < 0 ? this.length : found) - from;
    return found;
  };
  try {
    act();
  } finally {
    Object.assign(String.prototype, { charCodeAt, indexOf });
  }
  return count;
}
