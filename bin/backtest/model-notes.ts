// What has to be known of a model of one's own before believing a backtest with it.
import type { FailureModel } from '../../core/prediction/model/format.ts';
import type { History } from './score.ts';

/** Where the model gives no score at all, and which histories have no metric that it judges. Sentences without a full stop. */
export function modelNotes({ horizons }: FailureModel, histories: readonly Pick<History, 'name' | 'columns'>[]): string[] {
  const usable = horizons.some(({ target, skill }) => skill && target !== 'starts');
  const known = histories.filter(({ columns }) => columns.every(({ metric }) => metric.role !== 'other')).map(({ name }) => name);
  return [
    ...(usable ? [] : ['nothing in the model has skill: metrics of unknown meaning get no score']),
    ...(known.length > 0 ? [`the model changes nothing for ${known.join(', ')}: all columns have a known meaning, and it judges the others`] : []),
  ];
}
