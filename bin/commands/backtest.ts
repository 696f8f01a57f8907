// `backtest`: a history of metrics in, from files or CloudWatch; the risk timeline out. Read-only, each row judged by itself and earlier rows.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Plan } from '../../core/contracts/plan.ts';
import { inferColumns } from '../../rehearsal/telemetry/infer-roles.ts';
import type { Telemetry } from '../../rehearsal/telemetry/read-csv.ts';
import { evaluate, type Verdict } from '../backtest/evaluate.ts';
import { historiesFromCloudWatch, ReadingError } from '../backtest/from-cloudwatch.ts';
import { historiesFromFiles } from '../backtest/from-files.ts';
import { type LabelsOf, readIncidents } from '../backtest/incidents-file.ts';
import { modelNotes } from '../backtest/model-notes.ts';
import { renderBacktest } from '../backtest/page/page.ts';
import { reportOf } from '../backtest/report-file.ts';
import { type History, lineOf, type ScoredRow, scoreHistory } from '../backtest/score.ts';
import { scoreService } from '../backtest/service.ts';
import { defaultSettings, type Settings, settingsOf } from '../backtest/settings.ts';
import type { Subject } from '../backtest/subjects.ts';
import { type Track, Tracker } from '../backtest/track.ts';
import type { BacktestLine } from './backtest-line.ts';
import { summarise } from './backtest-summary.ts';
import { verdictLines } from './backtest-verdict.ts';
import { type Command, callerPath, InputError } from './command.ts';
import { loadPlan } from './plan-files.ts';
import { loadModel } from './train.ts';
import { writeLines } from './write-lines.ts';

const usage = `usage: npm run -s backtest -- FILE.csv[.gz]... [OPTIONS]
       npm run -s backtest -- --resource i-... [--resource ...] --region R [--since 15d] [OPTIONS]
       npm run -s backtest -- --plan FILE [--resource i-...] [--since 15d] [OPTIONS]

Says what failure probability and mirroring level Forestall would have given at each moment of a history: of CSV files
(first column timestamp, every other column a metric), or of CloudWatch, from which it only reads.
  --json               one JSON object per row on stdout
  --plan FILE          thresholds, objective, horizon and metrics of a plan; without files also what is read from CloudWatch
  --resource ID        an EC2 instance; may be repeated
  --since T, --until T a length (15d, 36h) or a time; default: the last 15 days
  --endpoint-url URL   AWS endpoint to use, for emulators
  --model FILE         a failure model that npm run train wrote; default: the shipped one
  --incidents FILE     what really happened (JSON or CSV): hits, misses, delays, false alarms
  --false-alarms N     budget per resource-day for which a threshold is looked for; default 1
  --html FILE          a page with plots
  --report FILE        the evaluation as JSON (docs/schemas/backtest-report.schema.json)
Exit code: 0 done, 1 AWS did not give the data, 2 bad usage or input. See docs/backtest.md.`;

/** One line per row, in order, by the default plan and the columns' names. */
export function* backtest(telemetry: Telemetry): Generator<BacktestLine> {
  for (const row of scoreHistory({ name: '', telemetry, columns: inferColumns(telemetry.metrics) }, defaultSettings)) yield lineOf(row);
}

/** What is printed as one: a history, or the service that several make up. */
interface Series {
  readonly name: string;
  /** as it is called in the summary */
  readonly title: string;
  readonly history: History;
  /** parts of a service are not judged against incidents: the service is */
  readonly judged: boolean;
  readonly rows: () => Iterable<ScoredRow>;
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      plan: { type: 'string' },
      model: { type: 'string' },
      resource: { type: 'string', multiple: true, default: [] },
      region: { type: 'string' },
      since: { type: 'string' },
      until: { type: 'string' },
      'endpoint-url': { type: 'string' },
      incidents: { type: 'string' },
      'false-alarms': { type: 'string' },
      html: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const { resource: resources, region, since, until, 'endpoint-url': endpoint } = values;
  const fromAws = resources.length > 0 || (files.length === 0 && values.plan !== undefined);
  if (!fromAws && files.length === 0) throw new InputError(`name one CSV file or more, or what to read from CloudWatch\n${usage}`);
  if (files.length > 0 && [...resources, region, since, until, endpoint].some((option) => option !== undefined))
    throw new InputError('files were named, and options for CloudWatch too (--resource, --region, --since, --until, --endpoint-url); give one or the other');
  const perDay = budgetOf(values['false-alarms'], values.incidents);
  const plan = values.plan === undefined ? undefined : loadPlan(values.plan);
  const labels = values.incidents === undefined ? undefined : await readIncidents(values.incidents);
  const model = values.model === undefined ? {} : { model: await loadModel(values.model) };
  const settings: Settings = { ...(plan ? settingsOf(plan) : defaultSettings), ...model };
  const notes: string[] = [];
  let series: readonly Series[];
  try {
    if (fromAws) {
      const read = await historiesFromCloudWatch({ resources, plan, region, since, until, endpoint }, (text) => console.error(text));
      notes.push(...read.notes);
      series = seriesOfSubjects(read.histories, resources.length > 0 ? undefined : plan, settings);
    } else series = (await historiesFromFiles(files, plan)).map((history, index) => alone(history, files[index] ?? history.name, settings));
  } catch (error) {
    if (!(error instanceof ReadingError)) throw error;
    console.error(`forestall backtest: ${error.message}`);
    return 1;
  }
  if (settings.model)
    notes.push(
      ...modelNotes(
        settings.model,
        series.map(({ history }) => history),
      ),
    );
  for (const note of notes) console.error(`note: ${note}`);
  // Before hours are spent on scoring: every series must have its labels.
  for (const { name } of labels ? series.filter(({ judged }) => judged) : []) labels?.(name);
  return play(series, settings, notes, { json: values.json, html: values.html, report: values.report, labels, perDay });
}

function budgetOf(option: string | undefined, incidents: string | undefined): number {
  if (option === undefined) return 1;
  if (incidents === undefined) throw new InputError('--false-alarms needs --incidents FILE: without incidents nobody knows which alarms were false');
  const perDay = Number(option);
  if (option.trim() === '' || !(perDay >= 0) || !Number.isFinite(perDay))
    throw new InputError(`--false-alarms '${option}' is not a number of 0 or more; write it as in 1 or 0.2`);
  return perDay;
}

const alone = (history: History, title: string, settings: Settings): Series => ({
  name: history.name,
  title,
  history,
  judged: true,
  rows: () => scoreHistory(history, settings),
});

/** With a plan the service comes first, as live scoring puts it together from the primary's entry and resources. */
function seriesOfSubjects(histories: readonly (History & { readonly subject: Subject })[], plan: Plan | undefined, settings: Settings): Series[] {
  const parts = histories.map((history) => alone(history, `${history.name} in ${history.subject.region}`, settings));
  const ofPrimary = histories.filter(({ subject }) => subject.side === 'primary');
  const shown = ofPrimary.find(({ subject }) => subject.kind === 'entry') ?? ofPrimary[0];
  if (plan === undefined || shown === undefined) return parts;
  const service: Series = {
    name: plan.service,
    title: `service ${plan.service}`,
    history: { ...shown, name: plan.service },
    judged: true,
    rows: () => scoreService(plan, ofPrimary, settings),
  };
  return [service, ...parts.map((part) => ({ ...part, judged: false }))];
}

interface Output {
  readonly json: boolean;
  readonly html: string | undefined;
  readonly report: string | undefined;
  readonly labels: LabelsOf | undefined;
  readonly perDay: number;
}

async function play(series: readonly Series[], settings: Settings, notes: readonly string[], output: Output): Promise<number> {
  const { json, html, report, labels, perDay } = output;
  const tracked = !json || html !== undefined || report !== undefined || labels !== undefined;
  const tracks: Track[] = [];
  for (const [index, { name, title, history, rows }] of series.entries()) {
    const { times, metrics } = history.telemetry;
    const tracker = tracked ? new Tracker({ name, metrics, from: times[0] ?? 0, to: times.at(-1) ?? 0, episodesFrom: settings.thresholds.partial }) : undefined;
    const watched = tracker ? tracker.watch(rows()) : rows();
    if (json) {
      if (!(await writeLines(process.stdout, asJson(watched, series.length > 1 ? name : undefined)))) return 0;
    } else for (const _row of watched);
    const track = tracker?.finish();
    if (track) tracks.push(track);
    if (track && !json && !(await writeLines(process.stdout, [...(index > 0 ? [''] : []), ...summarise(title, track, settings)]))) return 0;
  }
  let verdict: Verdict | undefined;
  if (labels) {
    verdict = evaluate(
      tracks.filter((_track, index) => series[index]?.judged),
      labels,
      perDay,
      settings,
    );
    // With --json standard output is for rows alone.
    if (!(await writeLines(json ? process.stderr : process.stdout, verdictLines(verdict)))) return 0;
  }
  if (report !== undefined) await write(report, `${JSON.stringify(reportOf(tracks, settings, notes, verdict), null, 2)}\n`);
  if (html !== undefined) {
    const pages = series.flatMap(({ name, history }, index) => {
      const track = tracks[index];
      return track ? [{ title: name, history, track }] : [];
    });
    await write(html, renderBacktest({ series: pages, settings, notes, verdict }));
  }
  return 0;
}

function* asJson(rows: Iterable<ScoredRow>, series: string | undefined): Generator<string> {
  for (const row of rows) yield JSON.stringify(lineOf(row, series));
}

async function write(file: string, text: string): Promise<void> {
  const path = callerPath(file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw new InputError(`${file}: cannot be written (${error instanceof Error ? error.message : error}); name a file in a folder that can be written to`, {
      cause: error,
    });
  }
  console.error(`written: ${path}`);
}

export const command: Command = { usage, run };
