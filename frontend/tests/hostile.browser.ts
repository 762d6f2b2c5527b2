// Shows texts with the page's own views, cut everywhere, and says what should not be on the page.
import "../src/site";
import type { Message, Part, State } from "../src/frames";
import { MessageView } from "../src/message";

const ELEMENTS: Record<string, string> = {
  "http://www.w3.org/1999/xhtml":
    "article section progress div span p br hr h1 h2 h3 h4 h5 h6 strong em s del a code pre blockquote ul ol li table thead tbody tr th td button details summary i input",
  "http://www.w3.org/1998/Math/MathML":
    "math mrow mi mo mn mtext mspace ms msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts none",
  "http://www.w3.org/2000/svg": "svg use",
};
const ATTRIBUTES = words(
  "class href target rel title role type tabindex disabled start align data-id data-state aria-label aria-hidden aria-busy aria-pressed aria-expanded aria-level hidden value max",
);
const MATHS_ATTRIBUTES = words(
  "class display mathvariant stretchy fence separator lspace rspace width height depth voffset minsize maxsize symmetric largeop movablelimits accent accentunder linethickness columnalign rowspacing columnspacing columnlines rowlines displaystyle scriptlevel notation form",
);
const CLASSES =
  /^(message|assistant|user|writing|body|foot|prose|tail|code|code-bar|table|task|math-inline|math-block|image-chip|icon|icon-button|wrap|copy|again|edit|more|menu|menu-items|up|actions|facts|waiting|sr|plain|words|folded|notice|reasoning|live|label|line|count|budget|thoughts|json|json-[a-z]+|views?|download|sheet|number|word|string|nothing|at|rest|value|name|glimpse|tool|tool-[a-z]+|problem|pill|invalid|state|failed|done|button|quiet|small|hljs-[\w-]+|(function|class|inherited|language|escape|invoke|dispatch)_{1,2}|tml-[\w-]+|language-[\w+#.-]+)$/;

const allowed = new Map(Object.entries(ELEMENTS).map(([space, names]) => [space, words(names)]));
const channel = new MessageChannel();
const place = document.querySelector("#thread") ?? document.body;
// The many cut texts are compared, not looked at: laying them out would take most of the time.
const aside = document.createElement("div");
aside.hidden = true;
place.append(aside);

function words(list: string): Set<string> {
  return new Set(list.split(" "));
}

/** Let what was promised happen. */
function turn(): Promise<void> {
  return new Promise((done) => {
    channel.port1.onmessage = () => done();
    channel.port2.postMessage(0);
  });
}

function message(role: Message["role"], state: State, parts: Part[]): Message {
  const facts = { id: "shown", parent: null, created: "", siblings: ["shown"], generation: "one" };
  return { ...facts, role, state, parts, sequence: 1, words: "", model: "", usage: null };
}

function answer(text: string, state: State = "running"): Message {
  return message("assistant", state, [{ type: "text", text }]);
}

function view(shown: Message, where: Element = place): MessageView {
  const nothing = () => undefined;
  const made = new MessageView(shown, {
    regenerate: nothing,
    details: nothing,
    efforts: () => [],
    goOn: nothing,
    leaveLine: nothing,
    edit: () => false,
    select: nothing,
    withheld: { text: () => Promise.resolve(null), appeal: () => Promise.resolve("") },
  });
  where.append(made.element);
  return made;
}

function wrong(root: Element): string[] {
  return [root, ...root.querySelectorAll("*")].flatMap((one) => {
    const name = one.localName;
    if (!allowed.get(one.namespaceURI ?? "")?.has(name)) return [`element ${one.namespaceURI} ${name}`];
    return [...one.attributes].flatMap((attribute) => wrongAttribute(one, attribute));
  });
}

function wrongAttribute(element: Element, { name, value }: Attr): string[] {
  const isMaths = element.namespaceURI?.endsWith("MathML");
  const isKnown = (isMaths ? MATHS_ATTRIBUTES : ATTRIBUTES).has(name);
  const isGood =
    name === "class"
      ? value.split(/\s+/).every((one) => CLASSES.test(one))
      : name === "href"
        ? goesSomewhereSafe(element)
        : isKnown;
  return isGood ? [] : [`${element.localName} ${name}=${JSON.stringify(value)}`];
}

function goesSomewhereSafe(element: Element): boolean {
  if (element instanceof SVGUseElement) return element.href.baseVal.startsWith("#i-");
  if (!(element instanceof HTMLAnchorElement)) return false;
  const isOpenedApart = element.target === "_blank" && element.rel === "noopener noreferrer nofollow";
  const isWhole = /^(https?:\/\/|mailto:)/i.test(element.getAttribute("href") ?? "");
  return isWhole && ["http:", "https:", "mailto:"].includes(element.protocol) && isOpenedApart;
}

/** Show an answer character by character; return the view as it ends. */
async function grown(text: string, prefixes: string[], found: Set<string>): Promise<MessageView> {
  const shown = view(answer(""));
  for (const prefix of prefixes) {
    shown.show(answer(prefix));
    await turn();
    for (const one of wrong(shown.element)) found.add(`${one} after ${prefix.length}`);
  }
  shown.show(answer(text, "done"));
  return shown;
}

function userMessage(text: string, prefixes: string[], found: Set<string>): void {
  const shown = view(message("user", "done", []));
  for (const prefix of prefixes) {
    shown.show(message("user", "done", [{ type: "text", text: prefix }]));
    if (shown.element.querySelector(".words")?.textContent !== prefix) found.add("a user's words changed");
  }
  for (const one of wrong(shown.element)) found.add(`${one} in a user's message`);
  shown.element.remove();
}

async function otherParts(text: string, prefixes: string[], found: Set<string>): Promise<void> {
  const shown = view(answer(""));
  for (const prefix of prefixes)
    shown.show(message("assistant", "running", [{ type: "reasoning", text: prefix }]));
  const parts: Part[] = [
    { type: "reasoning", text },
    { type: "notice", text },
    { type: "json", text: JSON.stringify({ [text]: text }), schema: text, valid: true },
    { type: "json", text, valid: false, problem: text },
    { type: "tool_call", text: JSON.stringify([text]), name: text },
    { type: "tool_call", text, name: text, problem: text },
  ];
  shown.show({ ...message("assistant", "failed", parts), words: text, model: text });
  await turn();
  if (!shown.element.querySelector("[role=tree]")) found.add("no tree");
  if (shown.element.querySelector(".thoughts")?.textContent !== text) found.add("thoughts changed");
  for (const one of wrong(shown.element)) if (!one.startsWith("p class=")) found.add(`${one} in other parts`);
  shown.element.remove();
}

/** Show one text in every way, cut everywhere; return what is wrong, and how many ways there were. */
async function examine(text: string): Promise<{ wrong: string[]; ways: number }> {
  const found = new Set<string>();
  const characters = [...text];
  const prefixes = characters.map((_, at) => characters.slice(0, at + 1).join(""));
  const whole = view(answer(text, "done"));
  const views = [await grown(text, prefixes, found)];
  for (const prefix of prefixes) {
    const shown = view(answer(prefix), aside);
    shown.show(answer(text));
    shown.show(answer(text, "done"));
    views.push(shown);
  }
  await turn();
  await turn();
  for (const one of wrong(whole.element)) found.add(one);
  const expected = whole.element.outerHTML;
  views.forEach((one, at) => {
    if (one.element.outerHTML !== expected) found.add(`not the same, cut at ${at ? at : "every place"}`);
  });
  for (const one of [whole, ...views]) one.element.remove();
  userMessage(text, prefixes, found);
  await otherParts(text, prefixes, found);
  return { wrong: [...found].slice(0, 5), ways: 4 * prefixes.length };
}

Object.assign(window, { hostile: { examine } });
