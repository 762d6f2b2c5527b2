// Markdown of models to HTML text. Raw HTML in it stays text, and images are never loaded.
import MarkdownIt from "markdown-it";
import { addMaths } from "./tex";

export const markdown = new MarkdownIt({ html: false, linkify: true, breaks: false, typographer: false });

// "README.md" and "main.py" are names of files, not of sites.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
// Only whole addresses: a browser reads "https:/account/" as a path on this site.
markdown.validateLink = (url) => /^(https?:\/\/|mailto:)/i.test(url) && URL.canParse(url);
addMaths(markdown);

const escape = markdown.utils.escapeHtml;

markdown.renderer.rules.image = (tokens, index) =>
  `<span class="image-chip">${escape(tokens[index]?.content || "image")}</span>`;

// The policy of the page allows no style attributes.
for (const cell of ["th_open", "td_open"]) {
  markdown.renderer.rules[cell] = (tokens, index) => {
    const align = /text-align:(\w+)/.exec(String(tokens[index]?.attrGet("style") ?? ""))?.[1];
    return align ? `<${cell.slice(0, 2)} align="${align}">` : `<${cell.slice(0, 2)}>`;
  };
}
