import MarkdownIt from "markdown-it";
import { boolOr, given, refuseField, textField } from "../sdk-js/fields.ts";
import { definePart } from "../sdk-js/part.ts";
import { markdownOf } from "./markdown-of.ts";

// html: false shows tags as text; links to scripts are refused by markdown-it itself.
const renderer = new MarkdownIt({ html: false, linkify: true });
// What the library works out when it is first used lies in the image then, and costs a call nothing.
renderer.render("# a *b* [c](http://d.example) https://e.example\n\n- `f`\n\n|g|\n|-|\n");

/** `markdown` becomes HTML, `html` becomes Markdown. */
export default definePart((input: unknown) => {
  if (given(input, "html") !== undefined) {
    if (given(input, "markdown") !== undefined)
      refuseField("html", 'cannot be given together with "markdown"; which one is to be changed?');
    return { success: true, data: { markdown: markdownOf(textField(input, "html")) } };
  }
  const [linkify, breaks, typographer] = ["linkify", "breaks", "typographer"].map((name) => boolOr(input, name, false));
  renderer.set({ linkify: linkify === true, breaks: breaks === true, typographer: typographer === true });
  const text = textField(input, "markdown");
  return { success: true, data: { html: boolOr(input, "inline", false) ? renderer.renderInline(text) : renderer.render(text) } };
});
