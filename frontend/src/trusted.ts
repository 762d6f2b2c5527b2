// The page's one Trusted Types policy. Every string that becomes HTML passes through DOMPurify here.
import DOMPurify, { type Config } from "dompurify";

// While DOMPurify parses, its own input must reach the parser as it is.
let parsing = false;
let policy: object | undefined;

const FRAGMENT: Config = {
  ADD_TAGS: ["use"],
  ADD_ATTR: (name: string) => name.startsWith("hx-"),
  FORBID_TAGS: ["style"],
  FORBID_ATTR: ["style"],
  SANITIZE_DOM: false,
};

/** DOMPurify parses through our policy; otherwise it would make one of its own. */
function purify(html: string, rules: Config): DocumentFragment | string {
  parsing = true;
  try {
    const all = policy ? { ...rules, TRUSTED_TYPES_POLICY: policy as TrustedTypePolicy } : rules;
    return DOMPurify.sanitize(html, all) as unknown as DocumentFragment | string;
  } finally {
    parsing = false;
  }
}

/** Install the default policy. Fragments of our own server keep their hx- attributes; nothing keeps scripts. */
export function installPolicy(): void {
  policy = window.trustedTypes?.createPolicy("default", {
    createHTML: (html) => (parsing ? html : String(purify(html, FRAGMENT))),
    createScriptURL: (url) => {
      if (new URL(url, location.href).origin === location.origin) return url;
      throw new TypeError("Scripts come from this site only.");
    },
  });
}

const TEXT_TAGS =
  "p br hr h1 h2 h3 h4 h5 h6 strong em s del code pre blockquote ul ol li table thead tbody tr th td a span".split(
    " ",
  );
const MATH_TAGS =
  "math mrow mi mo mn mtext mspace ms msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts none".split(
    " ",
  );
const MATH_ATTRIBUTES =
  "class display mathvariant stretchy fence separator lspace rspace width height depth voffset minsize maxsize symmetric largeop movablelimits accent accentunder linethickness columnalign rowspacing columnspacing columnlines rowlines displaystyle scriptlevel notation form".split(
    " ",
  );
const TEXT: Config = {
  ALLOWED_TAGS: TEXT_TAGS,
  ALLOWED_ATTR: ["href", "class", "start", "align"],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  // Not addresses: else the rule above would take them away.
  ADD_URI_SAFE_ATTR: ["start", "align"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const CODE: Config = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true };
const MATH: Config = {
  ALLOWED_TAGS: MATH_TAGS,
  ALLOWED_ATTR: MATH_ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

// Classes of our own making; none of a model's choosing reaches the page.
const TEXT_CLASS = /^(language-[\w+#.-]{1,30}|math-inline|math-block|image-chip)$/;
const CODE_CLASS = /^(hljs-[\w -]{1,60}|language-[\w-]{1,30})$/;
const MATH_CLASS = /^tml-[\w -]{1,40}$/;

let allowedClass: RegExp | null = null;

DOMPurify.addHook("uponSanitizeAttribute", (_node, data) => {
  if (allowedClass && data.attrName === "class" && !allowedClass.test(data.attrValue)) data.keepAttr = false;
});

function fragment(html: string, rules: Config, classes: RegExp): DocumentFragment {
  allowedClass = classes;
  try {
    return purify(html, rules) as DocumentFragment;
  } finally {
    allowedClass = null;
  }
}

/** Turn HTML made from a model's text into nodes. No ids, names, styles, forms, images or handlers survive. */
export function textFragment(html: string): DocumentFragment {
  return fragment(html, TEXT, TEXT_CLASS);
}

/** Turn the highlighter's output into nodes: spans with its own classes, nothing else. */
export function codeFragment(html: string): DocumentFragment {
  return fragment(html, CODE, CODE_CLASS);
}

/** Turn MathML into nodes, without anything but MathML in it. */
export function mathFragment(markup: string): DocumentFragment {
  return fragment(markup, MATH, MATH_CLASS);
}
