// The report's only script: shows the values under the pointer, and the same moment in every chart. Without it nothing is missing but that.

/** Reads the JSON beside each chart. Writes text nodes only. */
export const hoverScript = `
(() => {
  const charts = [...document.querySelectorAll('figure.chart')].flatMap((figure) => {
    const data = figure.querySelector('script[type="application/json"]');
    return data ? [{ svg: figure.querySelector(':scope > svg'), cursor: figure.querySelector('.cursor'), ...JSON.parse(data.textContent) }] : [];
  });
  const tip = document.createElement('div');
  tip.id = 'tip';
  tip.hidden = true;
  document.body.append(tip);
  const time = (at) => new Date(at).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
  const number = (value) => value === null ? 'none' : Math.abs(value) >= 1e6 ? value.toExponential(2) : String(value);
  const indexAt = (series, seconds) => {
    let low = 0, high = series.at.length - 1;
    if (high < 0 || seconds < series.at[0] - 90) return -1;
    while (low < high) { const middle = (low + high + 1) >> 1; if (series.at[middle] <= seconds) low = middle; else high = middle - 1; }
    if (series.shape === 'line' && low + 1 < series.at.length && series.at[low + 1] - seconds < seconds - series.at[low]) low += 1;
    return low;
  };
  for (const chart of charts) {
    chart.svg.addEventListener('pointermove', (event) => {
      const box = chart.svg.getBoundingClientRect();
      const share = ((event.clientX - box.left) / box.width - chart.left) / (1 - chart.left - chart.right);
      if (share < 0 || share > 1) return hide();
      const at = chart.from + share * (chart.to - chart.from);
      for (const other of charts) {
        const inside = at >= other.from && at <= other.to;
        other.cursor.setAttribute('visibility', inside ? 'visible' : 'hidden');
        if (!inside) continue;
        const width = other.svg.viewBox.baseVal.width;
        const x = width * (other.left + ((at - other.from) / (other.to - other.from)) * (1 - other.left - other.right));
        other.cursor.setAttribute('transform', 'translate(' + x + ' 0)');
      }
      tip.replaceChildren(time(at));
      for (const series of chart.series) {
        const line = document.createElement('div');
        line.className = 'key';
        const value = document.createElement('b');
        const index = indexAt(series, (at - chart.from) / 1000);
        const spread = index >= 0 && series.low && series.value[index] !== null ? ' (' + number(series.low[index]) + ' to ' + number(series.high[index]) + ')' : '';
        value.textContent = number(index < 0 ? null : series.value[index]) + spread + (chart.unit === '%' ? ' %' : '');
        line.append(series.name, value);
        tip.append(line);
      }
      tip.hidden = false;
      const right = event.clientX + 18 + tip.offsetWidth > innerWidth;
      tip.style.left = (right ? event.clientX - 18 - tip.offsetWidth : event.clientX + 18) + 'px';
      tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 6) + 'px';
    });
    chart.svg.addEventListener('pointerleave', hide);
  }
  function hide() { tip.hidden = true; for (const chart of charts) chart.cursor.setAttribute('visibility', 'hidden'); }
})();
`;
