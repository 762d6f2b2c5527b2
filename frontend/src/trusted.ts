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
  "math mrow mi mo mn mtext mspace ms msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts none semantics annotation".split(
    " ",
  );
const MATH_ATTRIBUTES =
  "display mathvariant stretchy fence separator lspace rspace width height depth voffset minsize maxsize symmetric largeop movablelimits accent accentunder linethickness columnalign rowspacing columnspacing columnlines rowlines displaystyle scriptlevel notation form encoding".split(
    " ",
  );
const TEXT: Config = {
  ALLOWED_TAGS: TEXT_TAGS,
  ALLOWED_ATTR: ["href", "class", "start", "align"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
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
const OWN_CLASS = /^(language-[\w+#.-]{1,30}|math-inline|math-block|image-chip)$/;

let parsingText = false;

DOMPurify.addHook("uponSanitizeAttribute", (_node, data) => {
  if (parsingText && data.attrName === "class" && !OWN_CLASS.test(data.attrValue)) data.keepAttr = false;
});

/** Turn HTML made from a model's text into nodes. No ids, names, styles, forms, images or handlers survive. */
export function textFragment(html: string): DocumentFragment {
  parsingText = true;
  try {
    return purify(html, TEXT) as DocumentFragment;
  } finally {
    parsingText = false;
  }
}

/** Turn the highlighter's output into nodes: spans with its own classes, nothing else. */
export function codeFragment(html: string): DocumentFragment {
  return purify(html, CODE) as DocumentFragment;
}

/** Turn MathML into nodes, without anything but MathML in it. */
export function mathFragment(markup: string): DocumentFragment {
  return purify(markup, MATH) as DocumentFragment;
}
