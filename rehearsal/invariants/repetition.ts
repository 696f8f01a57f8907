// I6: a repeated or reordered event, retry or crash changes nothing more than once.
import type { CallRecord } from '../cloud/call.ts';
import type { InstanceView } from '../cloud/cloud.ts';
import type { Delivery, ExecutionView } from '../runtime/runtime.ts';
import type { Ledger } from './ledger.ts';
import { weightsSet } from './routing.ts';
import { Tally } from './tally.ts';

/** A settlement repeats a failover's roll-back on purpose, and what follows a failover is told which: both under names of their own. */
const isSettlement = (name: string) => name.startsWith('settle.') || name.startsWith('retire.');

export class Repetition {
  readonly tally = new Tally('I6');
  readonly #ledger: Ledger;
  readonly #instance: (id: string) => InstanceView | undefined;
  readonly #duplicates: Delivery[] = [];
  readonly #launched = new Map<string, string>();
  readonly #snapshotsOf = new Set<string>();
  readonly #weights: Record<string, number>;

  /** @param weights those of the records in the beginning */
  constructor(ledger: Ledger, instance: (id: string) => InstanceView | undefined, weights: Readonly<Record<string, number>>) {
    this.#ledger = ledger;
    this.#instance = instance;
    this.#weights = { ...weights };
  }

  /** Weights that somebody else has set. */
  found(weights: Readonly<Record<string, number>>): void {
    Object.assign(this.#weights, weights);
  }

  delivery(delivery: Delivery): void {
    if (delivery.duplicate) this.#duplicates.push(delivery);
  }

  call(record: CallRecord): void {
    const { caller, error, operation, at, input, output } = record;
    if (caller !== 'forestall' || error) return;
    const weights = weightsSet(record, this.#ledger);
    if (weights) {
      const changed = Object.entries(weights).some(([side, weight]) => this.#weights[side] !== weight);
      this.tally.check(changed, at, () => `the weights ${JSON.stringify(weights)} were set again`);
      Object.assign(this.#weights, weights);
    }
    if (operation === 'RunInstances') this.#launch(at, input, output);
    // One that the network delivered late was made once, and nothing in EC2 keeps it from being done after its successor: what is left of it counts as I5.
    if (operation === 'CreateSnapshots' && record.sentAt === undefined) {
      const { InstanceId = '' } = (input['InstanceSpecification'] ?? {}) as { readonly InstanceId?: string };
      const intended = [...this.#ledger.snapshots.values()].find(({ resourceId, status }) => resourceId === InstanceId && status === 'intended');
      const first = intended !== undefined && !this.#snapshotsOf.has(intended.subjectId);
      this.tally.check(first, at, () => `snapshots of ${InstanceId} were taken twice for one decision (${intended?.decisionId ?? 'none stands'})`);
      if (intended) this.#snapshotsOf.add(intended.subjectId);
    }
  }

  /** A place of the mirror has one living instance, whatever generation. */
  #launch(at: number, input: CallRecord['input'], output: CallRecord['output']): void {
    const place = String(input['ClientToken']).replace(/-\d+$/, '');
    const ids = ((output?.['Instances'] ?? []) as { readonly InstanceId?: string }[]).map(({ InstanceId = '' }) => InstanceId);
    for (const id of ids) {
      const twins = [...this.#launched].filter(
        ([other, otherPlace]) => other !== id && otherPlace === place && ['pending', 'running'].includes(this.#instance(other)?.state ?? ''),
      );
      this.tally.check(
        twins.length === 0 && ids.length === 1,
        at,
        () => `${place} was launched again as ${id} while ${twins.map(([other]) => other).join(', ') || ids.join(', ')} runs`,
      );
      this.#launched.set(id, place);
    }
  }

  end(at: number, executions: readonly ExecutionView[]): void {
    const started = executions.filter(({ parent, name }) => parent === undefined && !isSettlement(name));
    const twins = [...Map.groupBy(started, ({ machine, input }) => `${machine} ${JSON.stringify(input)}`)].filter(([, group]) => group.length > 1);
    for (const duplicate of this.#duplicates) {
      const decisionId = decisionOf(duplicate);
      const count = started.filter(({ input }) => decisionId !== undefined && workflowOf(input) === decisionId).length;
      this.tally.check(count <= 1, at, () => `the repeated ${duplicate.kind} ${duplicate.id} of decision ${decisionId} started ${count} executions`);
    }
    this.tally.check(twins.length === 0, at, () => `started more than once: ${twins.map(([what]) => what).join('; ')}`);
  }
}

const fieldOf = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined);
const decisionOf = ({ payload }: Delivery): unknown => fieldOf(fieldOf(payload, 'detail'), 'decisionId');
const workflowOf = (input: unknown): unknown => fieldOf(input, 'failoverId') ?? fieldOf(input, 'workflowId');
