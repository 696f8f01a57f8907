// Prints the counts of a vitest JSON report as one line. A file that could not be loaded counts as one failed test.
import { readFileSync } from 'node:fs';

interface Report {
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

const [file = ''] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
// Empty: the run ended before it could report.
const { testResults }: Report = text === '' ? { testResults: [{ status: 'failed', assertionResults: [] }] } : JSON.parse(text);
const of = (status: string) => testResults.flatMap(({ assertionResults }) => assertionResults).filter((test) => test.status === status).length;
const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'));
process.stdout.write(`${of('passed')} passed, ${of('failed') + unloaded.length} failed\n`);
