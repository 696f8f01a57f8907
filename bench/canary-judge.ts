// How often the judge is wrong on generated pairs of sides, and how often it is useful: npm run bench:judge -- [--pairs N] [--json]
import { parseArgs } from 'node:util';
import { faults, type Pair, type ShapeName, shapeNames, verdictsOn } from './canary-pairs.ts';

/** What the judge promises, as shares. */
const most = { falseFail: 0.01, wrongPass: 0.01 };
const errorRates = [0, 0.0001, 0.001, 0.005];
const plain: ShapeName = 'lognormal, sigma 0.45';

const equal = (shape: ShapeName, errorRate: number, requests: number): Pair => ({ shape, fault: 'none', errorRate, moreErrors: 0, requests });
const slower = shapeNames.flatMap((shape) =>
  (Object.keys(faults) as Pair['fault'][]).filter((fault) => fault !== 'none').map((fault): Pair => ({ ...equal(shape, 0, 1000), fault })),
);
const sizes = [500, 1000, 2000, 4000];
const cases: Pair[] = [
  ...sizes.flatMap((requests) => shapeNames.map((shape) => equal(shape, 0, requests))),
  ...sizes.flatMap((requests) => errorRates.slice(1).map((rate) => equal(plain, rate, requests))),
  ...errorRates.map((rate): Pair => ({ ...equal(plain, rate, 1000), moreErrors: 0.01 })),
  ...slower,
  // Too few samples must not let anything pass.
  ...[100, 250].flatMap((requests) => [
    ...shapeNames.map((shape) => equal(shape, 0, requests)),
    ...slower.filter(({ fault }) => fault.startsWith('all')).map((pair) => ({ ...pair, requests })),
    { ...equal(plain, 0, requests), moreErrors: 0.01 },
  ]),
];

const {
  values: { pairs: given, json, seed: givenSeed },
} = parseArgs({ options: { pairs: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } } });
const [pairs, seed] = [Number(given), Number(givenSeed)];
if (!(Number.isInteger(pairs) && pairs > 0 && Number.isInteger(seed))) {
  console.error('bench:judge: --pairs and --seed are whole numbers, as in --pairs 10000 --seed 1');
  process.exit(2);
}

const began = performance.now();
const results = cases.map((pair, index) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${index + 1} of ${cases.length} cases`);
  const isEqual = pair.fault === 'none' && pair.moreErrors === 0;
  const verdicts = verdictsOn(pair, pairs, seed * 1000 + index);
  const { requests } = pair;
  return { ...pair, verdicts, kept: (isEqual ? verdicts.fail <= most.falseFail : verdicts.pass <= most.wrongPass) && (requests >= 500 || verdicts.pass === 0) };
});
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
const seconds = (performance.now() - began) / 1000;
const broken = results.filter(({ kept }) => !kept);

if (json) console.log(JSON.stringify({ pairs, seed, seconds, limits: most, results, broken: broken.length }));
else {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`.padStart(9);
  console.log(`${pairs} pairs a line, ${seconds.toFixed(0)} s. Wrong: fail on equal sides, pass on a worse one; at most 1 %.\n`);
  console.log(`${'receiving side'.padEnd(50)}${'latency'.padEnd(24)}${'errors'.padEnd(9)}requests     pass      fail  no evidence   goes on`);
  for (const { shape, fault, errorRate, moreErrors, requests, verdicts, kept } of results) {
    const what = moreErrors > 0 ? '1 percentage point more errors' : fault === 'none' ? 'the same' : fault;
    console.log(
      `${what.padEnd(50)}${shape.padEnd(24)}${`${errorRate * 100} %`.padEnd(9)}${String(requests).padStart(8)}${percent(verdicts.pass)} ${percent(verdicts.fail)}    ${percent(verdicts['no-evidence'])} ${percent(verdicts.goesOn)}${kept ? '' : '  <- too often'}`,
    );
  }
}
process.exitCode = broken.length > 0 ? 1 : 0;
