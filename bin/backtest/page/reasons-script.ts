// Adds to the values under the pointer the reasons of that time. Runs after the charts' own script, whose box it fills further.

/** Writes text nodes only. */
export const reasonsScript = `
(() => {
  for (const holder of document.querySelectorAll('[data-reasons]')) {
    const source = document.getElementById(holder.dataset.reasons);
    const svg = holder.querySelector('figure > svg');
    const own = holder.querySelector('figure > script[type="application/json"]');
    if (!source || !svg || !own) continue;
    const { texts, rows } = JSON.parse(source.textContent);
    const chart = JSON.parse(own.textContent);
    svg.addEventListener('pointermove', (event) => {
      const tip = document.getElementById('tip');
      if (!tip || tip.hidden || rows.length === 0) return;
      const box = svg.getBoundingClientRect();
      const share = ((event.clientX - box.left) / box.width - chart.left) / (1 - chart.left - chart.right);
      const at = (chart.from + share * (chart.to - chart.from)) / 1000;
      let best = rows[0];
      for (const row of rows) if (Math.abs(row.at - at) < Math.abs(best.at - at)) best = row;
      if (Math.abs(best.at - at) > Math.max(90, ((chart.to - chart.from) / 1000) * 0.006)) return;
      const head = document.createElement('div');
      head.className = 'reason';
      const when = new Date(best.at * 1000).toISOString().slice(5, 16).replace('T', ' ');
      head.textContent = 'highest near here: ' + when + (best.score === null ? '' : ', ' + best.score);
      tip.append(head);
      for (const index of best.of) {
        const line = document.createElement('div');
        line.className = 'reason';
        line.textContent = '\\u2022 ' + texts[index];
        tip.append(line);
      }
      const right = event.clientX + 18 + tip.offsetWidth > innerWidth;
      tip.style.left = Math.max(4, right ? event.clientX - 18 - tip.offsetWidth : event.clientX + 18) + 'px';
      tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 6)) + 'px';
    });
  }
})();
`;

export const reasonsStyle = `
#tip .reason { white-space: normal; max-width: 460px; color: var(--dim); }
.dot.partial { fill: var(--partial); } .dot.full { fill: var(--full); } .dot.critical { fill: var(--bad); } .dot.budget { fill: var(--oracle); }
.curve.anomaly { stroke: var(--standby); stroke-width: 1.3; } .dot.anomaly { fill: var(--standby); }
.series { border-top: 3px solid var(--rule); margin-top: 40px; } .series > h2 { border-top: none; }
td.missed { color: var(--bad); } ul.notes { color: var(--dim); padding-left: 18px; } .plain { color: var(--ink); }
`;
