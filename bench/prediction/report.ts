// Tables of the prediction bench as Markdown, and whether its demands are met.
import type { Section } from './section.ts';

export interface Verdict {
  readonly name: string;
  readonly figure: number | null;
  /** in words, as in 'at least 0.9' */
  readonly demand: string;
  readonly met: boolean;
}

/** A figure that was not measured meets no demand. */
export function verdicts({ figures, demands }: Pick<Section, 'figures' | 'demands'>): Verdict[] {
  return Object.entries(demands).map(([name, demand]) => {
    const measured = figures[name];
    const figure = measured === undefined || Number.isNaN(measured) ? null : measured;
    if ('atLeast' in demand) return { name, figure, demand: `at least ${demand.atLeast}`, met: figure !== null && figure >= demand.atLeast };
    return { name, figure, demand: `at most ${demand.atMost}`, met: figure !== null && figure <= demand.atMost };
  });
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** Title, target, table, notes and verdicts; ends with an empty line. */
export function asMarkdown(section: Section): string {
  const said = verdicts(section).map(
    ({ name, figure, demand, met }) =>
      `- ${met ? 'met' : 'MISSED'}: ${name} ${figure === null ? 'not measured' : Number(figure.toPrecision(4))}, demanded ${demand}`,
  );
  const paragraphs = [
    `## ${section.title}\n\nTarget: ${section.target}.`,
    [
      line(section.columns),
      line(section.columns.map(() => '---')),
      ...section.rows.map((row) => line(row.map((cell) => (cell === null ? '-' : String(cell))))),
    ].join('\n'),
    section.notes.map((note) => `- ${note}`).join('\n'),
    said.join('\n'),
  ];
  return `${paragraphs.filter((text) => text !== '').join('\n\n')}\n`;
}
