"""The style sheet of the run page: light, dark, narrow and printed."""

from bot.report.page.frames import filter_style

_RULES = """
:root {
  color-scheme: light dark;
  --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --paper: #ffffff; --tint: #f6f8fa;
  --link: #0a58c2; --good: #1a7f37; --warn: #8a5a00; --bad: #c4232c; --ours: #7a3fb5;
  --good-tint: #dafbe1; --warn-tint: #fff3c9; --bad-tint: #ffe3e0; --ours-tint: #f3e8fd;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --soft: #9aa5b1; --line: #3a424c; --paper: #0d1117; --tint: #161b22;
    --link: #6cb2ff; --good: #56d364; --warn: #e3b341; --bad: #ff8b84; --ours: #d2a8ff;
    --good-tint: #12301b; --warn-tint: #332700; --bad-tint: #3c1618; --ours-tint: #2b1d3f;
  }
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100% }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 76rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--link) }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 1rem }
h2 {
  font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-top: 1rem;
  border-top: 1px solid var(--line);
}
p { margin: .5rem 0; max-width: 52rem }
li, td, th, dd, p, pre, code, summary { unicode-bidi: isolate; direction: ltr }
code, pre, .frames { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
code { font-size: .9em }
pre { margin: 0; white-space: pre-wrap }
ol, ul { padding-left: 1.5rem }
li { margin: .35rem 0; max-width: 60rem }
main li:has(> strong) { margin: .9rem 0 }
li > p { margin: .2rem 0 }
summary { cursor: pointer }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.badge {
  display: inline-block; padding: 0 .6em; border-radius: 1em; font-weight: 600; font-size: .85rem;
  white-space: nowrap; border: 1px solid currentColor;
}
.badge.passed { color: var(--good); background: var(--good-tint) }
.badge.degraded { color: var(--warn); background: var(--warn-tint) }
.badge.failed { color: var(--bad); background: var(--bad-tint) }
.badge.errored { color: var(--ours); background: var(--ours-tint) }
.badge.skipped { color: var(--soft); background: var(--tint) }
header .badge { font-size: 1rem; padding: .15em .9em }
.answer {
  margin: 0; padding: 1rem 1.25rem; background: var(--tint);
  border-left: 4px solid var(--line); border-radius: 0 6px 6px 0;
}
.answer.passed { border-color: var(--good) } .answer.degraded { border-color: var(--warn) }
.answer.failed { border-color: var(--bad) } .answer.errored { border-color: var(--ours) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0 }
dt { font-weight: 600; color: var(--soft) }
dd { margin: 0 }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0 }
.tools a, button {
  font: inherit; font-size: .9rem; color: var(--ink); background: var(--tint);
  border: 1px solid var(--line);
  border-radius: 6px; padding: .3rem .8rem; text-decoration: none; cursor: pointer;
}
.tools a:hover, button:hover { border-color: var(--soft) }
nav { margin: 1.25rem 0 0; font-size: .9rem }
nav ol {
  display: flex; flex-wrap: wrap; gap: .15rem 1rem; list-style: none; margin: 0; padding: 0;
}
nav li { margin: 0 }
.wide { overflow-x: auto; margin: .75rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .93rem }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem }
th, td {
  text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0;
  border-bottom: 1px solid var(--line); min-width: 5rem;
}
thead th { color: var(--soft); font-weight: 600; white-space: nowrap }
tbody th { font-weight: 600 }
tbody th[colspan] { padding-top: 1.1rem; color: var(--soft) }
.number {
  text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums;
  padding-right: 1.25rem;
}
.bar { min-width: 14rem; width: 30% }
.bar svg {
  display: block; width: 100%; height: .8rem; margin-top: .35rem; background: var(--tint);
  border-radius: 3px;
}
rect.passed { fill: var(--good) }
rect.degraded { fill: var(--warn) }
rect.failed { fill: var(--bad) }
rect.errored { fill: var(--ours) } rect.tried, rect.skipped { fill: var(--soft) }
.waterfall tbody th { min-width: 11rem }
.waterfall td:last-child { min-width: 14rem }
.mark {
  display: inline-block; width: 1.5em; text-align: center; font-weight: 700; border-radius: 4px;
  margin-right: 2px; background: var(--tint);
}
.mark.passed { color: var(--good) } .mark.degraded { color: var(--warn) }
.mark.failed { color: var(--bad) } .mark.errored { color: var(--ours) }
.evidence { margin: .3rem 0; font-size: .9rem }
.evidence > summary, .more { color: var(--link) }
.evidence ul {
  list-style: none; margin: .25rem 0; padding: .5rem .75rem; background: var(--tint);
  border-radius: 6px;
}
.evidence li { margin: .2rem 0 }
.evidence b { display: inline-block; min-width: 2.75rem; color: var(--soft); font-weight: 600 }
.note { color: var(--soft) }
.chain { list-style: none; margin: 0; padding: 0; counter-reset: why }
.chain > li {
  counter-increment: why; position: relative; margin: 0; padding: 0 0 1.1rem 3rem;
  max-width: 60rem;
}
.chain > li::before {
  content: counter(why); position: absolute; left: 0; top: 0; width: 2rem; height: 2rem;
  border-radius: 50%;
  display: grid; place-items: center; font-weight: 600; background: var(--paper);
  border: 2px solid var(--good); z-index: 1;
}
.chain > li::after {
  content: ""; position: absolute; left: calc(1rem - 1px); top: 2rem; bottom: 0;
  border-left: 2px solid var(--line);
}
.chain > li:last-child::after { display: none }
.chain > li.inferred::before { border-color: var(--warn); border-style: dashed }
.chain > li.unknown::before { border-color: var(--soft); border-style: dotted }
.chain p { margin: 0 0 .25rem }
.question { font-weight: 600; padding-top: .2rem }
.kind { color: var(--soft); font-size: .85rem; white-space: nowrap }
.kind::before { content: "(" } .kind::after { content: ")" }
.filter {
  display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-bottom: .75rem;
  font-size: .9rem;
}
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem .9rem }
legend { float: left; padding: 0 .75rem 0 0; color: var(--soft) }
input[type=search] {
  font: inherit; padding: .2rem .5rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--paper); color: var(--ink);
}
output { color: var(--soft); margin-left: .5rem }
.frames {
  list-style: none; margin: 0; padding: 0; font-size: .82rem; border: 1px solid var(--line);
  border-radius: 6px; max-height: 36rem; overflow-y: auto;
}
.frames > li {
  display: grid; grid-template-columns: 4.5rem minmax(5rem, 9rem) 1rem 1fr; gap: .75rem;
  margin: 0; padding: .3rem .75rem; max-width: none; border-bottom: 1px solid var(--line);
}
.frames > li:last-child { border-bottom: 0 }
.frames .gap { display: block; color: var(--soft) }
.frames pre { font-size: inherit; min-width: 0 }
.frames summary pre { display: inline }
.frames .experiment { background: var(--tint) }
.at, .step { color: var(--soft) }
.at { text-align: right; font-variant-numeric: tabular-nums }
.sent .way { color: var(--link) } .received .way { color: var(--good) }
.frames > li.unmatched { display: none }
.pasted {
  padding: .75rem; border: 1px solid var(--line); border-radius: 6px; max-height: 36rem;
  overflow: auto; font-size: .85rem;
}
.command {
  display: inline-block; padding: .1rem .5rem; background: var(--tint);
  border: 1px solid var(--line); border-radius: 4px;
}
.difference td, .difference th { width: 33% }
del { color: var(--bad); text-decoration: none } ins { color: var(--good); text-decoration: none }
del::before { content: "− " } ins::before { content: "+ " }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem }
@media (max-width: 44rem) {
  body { padding: 1rem .9rem 3rem; font-size: 15px }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem }
  .frames > li { grid-template-columns: auto auto 1fr; gap: .1rem .6rem }
  .frames > li > :last-child { grid-column: 1 / -1 }
  .stacked, .stacked :is(caption, tbody, tr, th, td) { display: block; width: auto; min-width: 0 }
  .stacked thead, .stacked td:empty { display: none }
  .stacked tr { padding: .4rem 0; border-bottom: 1px solid var(--line) }
  .stacked :is(th, td) { border: 0; padding: .1rem 0 }
  .stacked :is(th, td):first-child { font-weight: 600 }
  .stacked td[data-label]:not(:first-child)::before {
    content: attr(data-label) ": "; color: var(--soft);
  }
  .waterfall, .waterfall tbody { display: block }
  .waterfall thead { display: none }
  .waterfall tr {
    display: grid; grid-template-columns: 1fr auto auto; gap: 0 .8rem; padding: .4rem 0;
    border-bottom: 1px solid var(--line);
  }
  .waterfall tbody th, .waterfall td, .waterfall td:last-child {
    border: 0; padding: .1rem 0; min-width: 0;
  }
  .waterfall .bar, .waterfall td:last-child, .waterfall [colspan] { grid-column: 1 / -1 }
  .waterfall .bar { width: auto }
}
@media print {
  :root {
    color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --tint: #f4f4f4;
    --link: #000; --good: #0f5c26; --warn: #6b4600; --bad: #9c1119; --ours: #58278a;
  }
  body { padding: 0; max-width: none; font-size: 10pt }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  nav, .tools, .filter, summary .more { display: none !important }
  .frames, .pasted { max-height: none; overflow: visible }
  .frames > li { font-size: 7.5pt }
  .wide { overflow: visible }
  table, .evidence, .note { font-size: 8.5pt } h1 { font-size: 15pt } .badge { font-size: 8pt }
  .bar { min-width: 5rem; width: 18% } .waterfall tbody th { min-width: 8rem }
  .waterfall td:last-child { min-width: 8rem } th, td { padding: .25rem .5rem .25rem 0 }
  h2 { break-after: avoid; margin-top: 1.2rem } tr, .chain > li, .answer { break-inside: avoid }
  details::details-content { content-visibility: visible; block-size: auto }
  .frames details > summary { display: none }
}
"""

STYLE = f"{_RULES}{filter_style()}\n"
