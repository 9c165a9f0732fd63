/**
 * The pages that people see, all in one frame.
 *
 * Invariants
 * H1  Everything that is put into a page is escaped by the template; there is no script, no cookie, nothing from another host.
 * H2  The address of a page holds its token: no cache keeps it, no other site is told it, no frame shows it.
 */
import { createHash } from "node:crypto";
import { html, raw } from "hono/html";

export type Html = ReturnType<typeof html>;
export type Page = { readonly status: number; readonly title: string; readonly body: Html };

const STYLE = `
:root{color-scheme:light dark;--back:#f6f6f4;--card:#fff;--ink:#1a1a1a;--soft:#595959;--line:#767676;--good:#0b6b3a;--bad:#a3201b;--on:#fff}
@media (prefers-color-scheme:dark){:root{--back:#16171a;--card:#202227;--ink:#ececec;--soft:#b4b4b4;--line:#8a8a8a;--good:#5fd394;--bad:#ff9d95;--on:#111}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:36rem;margin:0 auto;padding:1.25rem;background:var(--card);min-height:100vh}
@media (min-width:40rem){main{margin:3rem auto;padding:2rem;min-height:0;border-radius:.75rem}}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 .5rem}
.soft{color:var(--soft);font-size:.9rem;margin:.25rem 0}
.text{white-space:pre-wrap}
.field{margin:1.1rem 0}
label{display:block;font-weight:600;margin-bottom:.25rem}
.check label{display:inline;margin-left:.5rem}
input:not([type=checkbox]),select,textarea{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.4rem;padding:.6rem}
option{color:CanvasText;background:Canvas}
input[type=checkbox]{width:1.25rem;height:1.25rem;vertical-align:middle}
textarea{min-height:7rem;resize:vertical}
[aria-invalid=true]{border-color:var(--bad)!important;border-width:2px!important}
.problem{color:var(--bad);font-weight:600;margin:.25rem 0}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.75rem}
button{flex:1 1 9rem;min-height:3rem;font:inherit;font-weight:600;border-radius:.4rem;border:2px solid var(--good);background:var(--good);color:var(--on);cursor:pointer}
button.reject{border-color:var(--bad);background:transparent;color:var(--bad)}
:focus-visible{outline:3px solid #3b82f6;outline-offset:2px}`;

/** In one piece: a space more, and the policy would refuse it. */
const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "sandbox allow-forms",
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex, nofollow",
};

export async function pageResponse({ status, title, body }: Page): Promise<Response> {
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;
  return new Response(String(text), { status, headers: HEADERS });
}

/** A page that only says something. */
export const notice = (status: number, title: string, ...lines: readonly string[]): Page => ({
  status,
  title,
  body: html`<h1>${title}</h1>
    ${lines.map((line) => html`<p>${line}</p>`)}`,
});
