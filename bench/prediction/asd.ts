// ASD: incidents of eight application servers, 19 metrics without meaning, every five minutes.
import { judge } from './incidents.ts';
import type { Section } from './section.ts';

/** See `SectionRun`. */
export const run = (data: string): Promise<Section> =>
  judge(data, {
    set: 'asd',
    title: 'ASD: incidents of application servers, every server by a model that has not seen it',
    target: 'ROC AUC per point at least 0.90; at one false alarm per server-day at least 85 % of the incidents found, median delay at most 15 minutes',
    half: ['asd/server-01', 'asd/server-02', 'asd/server-04', 'asd/server-05'],
    demands: { 'asd.roc': { atLeast: 0.9 }, 'asd.found': { atLeast: 0.85 }, 'asd.delay': { atMost: 15 } },
  });
