// The page's one Trusted Types policy. Every string that becomes HTML passes through DOMPurify here.
import DOMPurify from "dompurify";

// While DOMPurify parses, its own input must reach the parser as it is.
let parsing = false;

const FRAGMENT = {
  ADD_TAGS: ["dialog", "use"],
  ADD_ATTR: (name: string) => name.startsWith("hx-"),
  FORBID_TAGS: ["style"],
  FORBID_ATTR: ["style"],
  SANITIZE_DOM: false,
} as const;

function whileParsing<T>(work: () => T): T {
  parsing = true;
  try {
    return work();
  } finally {
    parsing = false;
  }
}

/** Install the default policy. Fragments of our own server keep their hx- attributes; nothing keeps scripts. */
export function installPolicy(): void {
  window.trustedTypes?.createPolicy("default", {
    createHTML: (html) =>
      parsing ? html : whileParsing(() => DOMPurify.sanitize(html, FRAGMENT as unknown as object) as string),
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
const OWN_CLASS = /^(language-[\w+#.-]{1,30}|math-inline|math-block|image-chip)$/;

let parsingText = false;

DOMPurify.addHook("uponSanitizeAttribute", (_node, data) => {
  if (parsingText && data.attrName === "class" && !OWN_CLASS.test(data.attrValue)) data.keepAttr = false;
});

/** Turn HTML made from a model's text into nodes. No ids, names, styles, forms, images or handlers survive. */
export function textFragment(html: string): DocumentFragment {
  parsingText = true;
  try {
    return whileParsing(() =>
      DOMPurify.sanitize(html, {
        ALLOWED_TAGS: TEXT_TAGS,
        ALLOWED_ATTR: ["href", "class", "start", "align"],
        ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
        ALLOW_DATA_ATTR: false,
        ALLOW_ARIA_ATTR: false,
        RETURN_DOM_FRAGMENT: true,
      }),
    );
  } finally {
    parsingText = false;
  }
}

/** Turn the highlighter's output into nodes: spans with its own classes, nothing else. */
export function codeFragment(html: string): DocumentFragment {
  return whileParsing(() =>
    DOMPurify.sanitize(html, { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true }),
  );
}

/** Turn MathML into nodes, without anything but MathML in it. */
export function mathFragment(markup: string): DocumentFragment {
  return whileParsing(() =>
    DOMPurify.sanitize(markup, {
      ALLOWED_TAGS: MATH_TAGS,
      ALLOWED_ATTR: MATH_ATTRIBUTES,
      ALLOW_DATA_ATTR: false,
      RETURN_DOM_FRAGMENT: true,
    }),
  );
}
