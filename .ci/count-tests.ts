// Prints as one line what a vitest JSON report and the output of the test on the emulator count together.
import { readFileSync } from 'node:fs';

interface Report {
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

const [reportFile = '', outputFile = ''] = process.argv.slice(2);
const counts = [countsOfReport(readFileSync(reportFile, 'utf8')), countsOfOutput(readFileSync(outputFile, 'utf8'))];
const sum = (of: 'passed' | 'failed') => counts.reduce((total, count) => total + count[of], 0);
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);

/** A file that could not be loaded counts as one failed test; so does a run that ended before it could report. */
function countsOfReport(text: string): { passed: number; failed: number } {
  const { testResults }: Report = text === '' ? { testResults: [{ status: 'failed', assertionResults: [] }] } : JSON.parse(text);
  const of = (status: string) => testResults.flatMap(({ assertionResults }) => assertionResults).filter((test) => test.status === status).length;
  const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'));
  return { passed: of('passed'), failed: of('failed') + unloaded.length };
}

/** The last line says it; without one the run ended before it could. */
function countsOfOutput(text: string): { passed: number; failed: number } {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(text.trimEnd().split('\n').at(-1) ?? '') ?? [];
  return passed === undefined || failed === undefined ? { passed: 0, failed: 1 } : { passed: Number(passed), failed: Number(failed) };
}
