// The report's look, for light and dark. Arms differ in colour and in dash, so that colour is never the only sign.

export const style = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --dim: #59636e; --rule: #d5dae0; --panel: #f5f7f9; --fault: #d4380d1c; --onset: #d4380d;
  --forestall: #0a5fb4; --reactive: #c2410c; --none: #6b7280; --oracle: #0b7a53; --primary: #7c3aed; --standby: #0e7490;
  --minimal: #c9d3dd; --partial: #e3b341; --full: #d9662b; --good: #0b7a53; --bad: #c81e1e; --warn: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1317; --ink: #e4e8ec; --dim: #98a2ad; --rule: #2d353d; --panel: #171d23; --fault: #ff7a4526; --onset: #ff8a5c;
  --forestall: #5aa9f5; --reactive: #f59255; --none: #9aa4af; --oracle: #45c796; --primary: #b794f6; --standby: #4fc3d9;
  --minimal: #46525e; --partial: #b58a1f; --full: #d9662b; --good: #45c796; --bad: #ff7b72; --warn: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 28px 60px; max-width: 1180px; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 25px; margin: 0 0 2px; } h2 { font-size: 19px; margin: 38px 0 6px; padding-top: 10px; border-top: 1px solid var(--rule); } h3 { font-size: 16px; margin: 20px 0 4px; }
p { margin: 4px 0 10px; max-width: 110ch; } .dim, .note, .unit { color: var(--dim); } code { font: 13px ui-monospace, monospace; }
a { color: var(--forestall); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 10px; margin: 16px 0; }
.fact { background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 8px 12px; } .fact b { display: block; font-size: 20px; line-height: 1.3; } .fact span { color: var(--dim); font-size: 13px; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
figure { margin: 18px 0 4px; position: relative; } figcaption { display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: baseline; } .legend { margin-left: auto; display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; }
.key { display: inline-flex; align-items: center; gap: 5px; } figure svg { display: block; width: 100%; height: auto; } .key svg { width: 22px; height: 8px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 0 24px; }
text { font: 11px system-ui, sans-serif; fill: var(--ink); } .tick { fill: var(--dim); } .row { font-size: 12px; } .empty { font-size: 13px; fill: var(--dim); }
.grid { stroke: var(--rule); stroke-width: 1; fill: none; } .grid.time { stroke-dasharray: 1 4; }
.curve { fill: none; stroke: var(--ink); stroke-width: 1.6; stroke-linejoin: round; } .dot { fill: var(--ink); }
${['forestall', 'reactive', 'none', 'oracle', 'primary', 'standby'].map((name) => `.curve.${name} { stroke: var(--${name}); } .dot.${name} { fill: var(--${name}); }`).join(' ')}
 ${['forestall', 'reactive', 'none', 'oracle', 'primary', 'standby'].map((name) => `.spread.${name} { fill: var(--${name}); }`).join(' ')} .spread { opacity: 0.22; }
.curve.forestall { stroke-width: 2.2; } .curve.reactive { stroke-dasharray: 7 3; } .curve.none { stroke-dasharray: 2 3; } .curve.oracle { stroke-dasharray: 9 3 2 3; } .curve.standby { stroke-dasharray: 7 3; }
.limit { fill: none; stroke-width: 1.2; stroke-dasharray: 5 4; } .limit.partial { stroke: var(--partial); } .limit.full { stroke: var(--full); } .limit.critical { stroke: var(--bad); } .limit.objective { stroke: var(--bad); }
.limit-label { fill: var(--dim); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.fault { fill: var(--fault); } .onset { stroke: var(--onset); stroke-width: 1; stroke-dasharray: 2 2; } .cursor { stroke: var(--dim); stroke-width: 1; pointer-events: none; }
.band.minimal { fill: var(--minimal); } .band.partial { fill: var(--partial); } .band.full { fill: var(--full); } .band.critical { fill: var(--bad); }
.phase { fill: var(--forestall); } .phase.canary, .phase.target-checked { fill: var(--oracle); } .phase.shift { fill: var(--primary); } .phase.drain, .phase.hand-over { fill: var(--standby); } .phase.roll-back, .phase.halted, .phase.evacuation { fill: var(--reactive); } .phase.closed, .phase.opened { fill: var(--none); }
.bar.inside { fill: var(--paper); font-weight: 600; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 5px; } .swatch.minimal { background: var(--minimal); } .swatch.partial { background: var(--partial); } .swatch.full { background: var(--full); } .swatch.critical { background: var(--bad); } .swatch.fault { background: var(--fault); border: 1px dashed var(--onset); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 14px; margin: 8px 0; } th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--rule); vertical-align: top; } th { color: var(--dim); font-weight: 600; font-size: 13px; } td:last-child, th:last-child { padding-right: 6px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } .time { white-space: nowrap; font-variant-numeric: tabular-nums; } td, li { overflow-wrap: anywhere; } td ul { margin: 2px 0; padding-left: 18px; color: var(--dim); } tr.own td { background: var(--panel); }
details { margin: 10px 0; } summary { cursor: pointer; font-weight: 600; } nav { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 14px; }
#tip { position: fixed; z-index: 2; pointer-events: none; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 6px 10px; font-size: 13px; box-shadow: 0 2px 10px #0003; white-space: nowrap; }
#tip .key { display: flex; } #tip b { margin-left: auto; padding-left: 14px; font-variant-numeric: tabular-nums; }
@media print { details > * { display: block; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
`;
