// SMD: incidents of four server machines, 38 metrics without meaning, every minute.
import { judge } from './incidents.ts';
import type { Section } from './section.ts';

/** See `SectionRun`. */
export const run = (data: string): Promise<Section> =>
  judge(data, {
    set: 'smd',
    title: 'SMD: incidents of server machines, every machine by a model that has not seen it',
    target: 'ROC AUC per point at least 0.87',
    half: ['smd/machine-1-6', 'smd/machine-1-7'],
    demands: { 'smd.roc': { atLeast: 0.87 } },
  });
