// Speed, size and cost of scoring: npm run bench:scoring [-- --json] [--services 250] [--each 40] [--minutes 24] [--check]
import { parseArgs } from 'node:util';
import { calmMinutes } from '../lambdas/score-risk/cadence.ts';
import { measureDelays, scoreServers } from './scoring/delay.ts';
import { measureLibraries } from './scoring/libraries.ts';
import { learnAll, learnEntries, measureAlone, measureBySubject } from './scoring/pure.ts';
import { broken, figuresOf, print } from './scoring/report.ts';
import type { FleetRun } from './scoring/through-handler.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    services: { type: 'string', default: '250' },
    each: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '24' },
    check: { type: 'boolean', default: false },
  },
});

function count(name: 'services' | 'each' | 'minutes'): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} ${values[name]}: give a whole number from 1`);
  return value;
}

const say = (what: string) => {
  if (!values.json) process.stderr.write(`${what}\n`);
};

// Handlers log each dispatch to standard output, which belongs to the tables; the logger keeps the level that it was loaded with.
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const { runFleet } = await import('./scoring/through-handler.ts');
const data = process.env['FORESTALL_DATA'] ?? new URL('../../shared/data', import.meta.url).pathname;

say('learning eight days of 24 resources ...');
const resources = learnAll();
const entries = learnEntries();
const alone = measureAlone(resources);
const libraries = measureLibraries();
const bySubject = measureBySubject(10_000);
const scoring = alone.millisecondsAResource * calmMinutes + (alone.packMicroseconds + alone.parseMicroseconds * 2) / 1e3;
const calm: FleetRun = { services: count('services'), each: count('each'), minutes: count('minutes'), latency: 1 };
say(`scoring ${calm.services * calm.each} resources for ${calm.minutes} minutes ...`);
const calmResult = await runFleet(calm, resources, entries, scoring);
const uneasy: FleetRun = { services: 5, each: calm.each, minutes: 20, latency: 4 };
const uneasyResult = await runFleet(uneasy, resources, entries, scoring);
say('scoring recorded servers ...');
const servers = await scoreServers(data);
const findings = {
  alone,
  libraries,
  bySubject,
  calm: { run: calm, result: calmResult },
  uneasy: { run: uneasy, result: uneasyResult },
  delays: servers && measureDelays(servers),
};
const figures = figuresOf(findings);
console.log(values.json ? JSON.stringify({ ...figures, ...findings }) : print(findings));
const complaints = broken(figures);
for (const complaint of complaints) console.error(`too much: ${complaint}`);
if (values.check && complaints.length > 0) process.exitCode = 1;
