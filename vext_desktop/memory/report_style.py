"""How a report looks: one style sheet for light, dark and paper; nothing from outside."""

# The hues are those of Okabe and Ito (2008, "Color Universal Design"), as on the live plots.
STYLE = """
:root { color-scheme: light dark;
  --ground: #ffffff; --panel: #f6f6f4; --text: #222222; --quiet: #5c5c5c; --line: #d8d8d4;
  --limit: #a33a00; --total: #111111; --window: #0072b2; --engine: #c24f00; --reader: #00795a;
  --cleanup: #00795a; --reload: #0072b2; --start: #6f6f6f; --pause: #a34f80; --warning: #b37400;
  --crash: #c00000;
  --python_objects: #56b4e9; --python_held: #b9dcf2; --native_in_use: #e08214;
  --native_held: #fbd3a0; --large_blocks: #cc79a7; --arrow_lance: #009e73;
  --model_file: #8c6bb1; --libraries: #9a9a94; --stacks_jit: #d6c84b; --unexplained: #d0584f; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #1b1d20; --panel: #25282c; --text: #e4e4e4; --quiet: #a9adb3; --line: #41464d;
  --limit: #ff9a5c; --total: #f5f5f5; --window: #56b4e9; --engine: #f0a030; --reader: #3ed6a4;
  --cleanup: #3ed6a4; --reload: #56b4e9; --start: #a9adb3; --pause: #dd94bd; --warning: #f0e442;
  --crash: #ff6b6b;
  --python_objects: #3d8fc0; --python_held: #2b506a; --native_in_use: #c96f0e;
  --native_held: #6f4a20; --large_blocks: #a85a86; --arrow_lance: #0b8360;
  --model_file: #7656a0; --libraries: #65696e; --stacks_jit: #94882e; --unexplained: #b8473f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; }
p { margin: .4rem 0; max-width: 48rem; }
.quiet, figcaption, caption { color: var(--quiet); font-size: .87rem; }
.answer { background: var(--panel); border-left: 4px solid var(--total); padding: .7rem 1rem;
  margin: 1rem 0; }
.answer.growing { border-color: var(--crash); } .answer.steady { border-color: var(--reader); }
.answer p { margin: .2rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .4rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .22rem .9rem .22rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--quiet); font-size: .85rem; }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.sum td { font-weight: 600; }
pre { background: var(--panel); padding: .6rem .8rem; overflow-x: auto; font-size: .82rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--quiet); }
figure { margin: .6rem 0 1rem; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; font-size: 11px; }
.beside { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
@media (max-width: 46rem) { .beside { grid-template-columns: 1fr; } }
svg text { fill: var(--quiet); }
svg .name { fill: var(--text); font-size: 9.5px; }
svg .grid { stroke: var(--line); stroke-width: 1; fill: none; }
svg .curve { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
svg .total { stroke: var(--total); stroke-width: 2; }
svg .window { stroke: var(--window); stroke-dasharray: 7 3; }
svg .engine { stroke: var(--engine); stroke-dasharray: 9 3 2 3; }
svg .reader { stroke: var(--reader); stroke-dasharray: 2 2.5; }
svg .limit { stroke: var(--limit); stroke-width: 1; stroke-dasharray: 1 3; fill: none; }
svg .limit-name { fill: var(--limit); }
svg .tick { stroke: var(--quiet); stroke-width: 1; }
svg .mark { stroke: var(--ground); stroke-width: 1; }
svg .hover { fill: transparent; } svg .hover:hover { fill: var(--quiet); fill-opacity: .15; }
svg .name { paint-order: stroke; stroke: var(--ground); stroke-width: 2px; }
svg .band { stroke: var(--ground); stroke-width: .6; }
ul.key { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; padding: 0;
  margin: .2rem 0; font-size: .87rem; }
ul.key svg { display: inline-block; width: 28px; height: 12px; vertical-align: -1px;
  margin-right: .3rem; }
@media print { main { max-width: none; padding: 0; } body { font-size: 11px; }
  h2 { break-after: avoid; } tr { break-inside: avoid; } .hover { display: none; } }
"""

# A page that may load nothing and run nothing, whatever stands in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
