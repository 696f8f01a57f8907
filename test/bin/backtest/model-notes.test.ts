// A model that cannot change a backtest says so, instead of leaving the reader to wonder.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { modelNotes } from '../../../bin/backtest/model-notes.ts';
import { FailureModel } from '../../../core/prediction/model/format.ts';
import { inferColumns } from '../../../rehearsal/telemetry/infer-roles.ts';

const shipped = FailureModel.parse(JSON.parse(readFileSync('core/prediction/model/default.json', 'utf8')));
const unknown = { name: 'queue', columns: inferColumns(['depth', 'hits']) };
const known = { name: 'web-1', columns: inferColumns(['latency_ms', 'requests', 'errors']) };
const mixed = { name: 'web-2', columns: inferColumns(['cpu', 'depth']) };

it('says nothing of a model that judges something', () => {
  expect(modelNotes(shipped, [unknown, mixed])).toEqual([]);
});

it('names the histories that have no metric of unknown meaning', () => {
  expect(modelNotes(shipped, [unknown, known])).toEqual([expect.stringMatching(/changes nothing for web-1: /)]);
});

it('says when the model has no skill where a score comes from', () => {
  const horizons = shipped.horizons.map((horizon) => ({ ...horizon, skill: horizon.target === 'starts' }));
  expect(modelNotes({ ...shipped, horizons }, [unknown])).toEqual([expect.stringMatching(/skill/)]);
});
