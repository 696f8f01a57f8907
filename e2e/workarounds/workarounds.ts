// Looks at the emulator for each difference that the test makes up for or lives with, and says when one is gone.
import type { Check } from '../check.ts';
import { deploymentDifferences } from '../known-differences/deployment.ts';
import { Lab } from './lab.ts';
import { judge, mismatches, type Probe } from './probe.ts';
import { ec2Probes } from './probes/ec2.ts';
import { monitoringProbes } from './probes/monitoring.ts';
import { routingProbes } from './probes/routing.ts';
import { runningProbes } from './probes/running.ts';

export const probes: readonly Probe[] = [...ec2Probes, ...monitoringProbes, ...routingProbes, ...runningProbes];

/** One check for each probe. It uses an account of its own, once per emulator. */
export async function checkWorkarounds({
  endpoint,
  report = () => {},
}: {
  readonly endpoint: string;
  readonly report?: (line: string) => void;
}): Promise<Check[]> {
  const lab = new Lab(endpoint);
  try {
    report('what is made up for: does it still show?');
    // All at once: some wait for what the passing of time should bring.
    const checks = await Promise.all(
      probes.map(async ({ id, look }) => {
        const entry = deploymentDifferences.find((one) => one.id === id);
        if (entry === undefined) return [];
        const seen = await look(lab).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
        return [judge(entry, seen)];
      }),
    );
    const wrong = mismatches(
      probes.map(({ id }) => id),
      deploymentDifferences,
    );
    return [...checks.flat(), { name: 'every difference that is lived with is looked for', ok: wrong.length === 0, detail: wrong.join('\n') }];
  } finally {
    lab.close();
  }
}
