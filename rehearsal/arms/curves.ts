// Curves of the primary's own metrics for the report.
import type { RehearsalReport } from '../results.ts';
import { levelOf, type Run } from '../world/run.ts';
import type { SideMinute } from '../world/telemetry.ts';

type Curve = { name: string; unit: string; samples: { at: number; value: number }[] };

export class MetricCurves {
  readonly #run: Run;
  readonly #latency: Curve = { name: 'latency p99 of the primary', unit: 's', samples: [] };
  readonly #errors: Curve = { name: 'failed requests at the primary', unit: '1/min', samples: [] };
  readonly #memory: Curve = { name: 'memory of a primary host', unit: '%', samples: [] };
  readonly #disk: Curve = { name: 'disk of a primary host', unit: '%', samples: [] };

  constructor(run: Run) {
    this.#run = run;
  }

  add(at: number, minute: SideMinute): void {
    const { environment, faults } = this.#run;
    if (Number.isFinite(minute.p99)) this.#latency.samples.push({ at, value: Number(minute.p99.toPrecision(4)) });
    this.#errors.samples.push({ at, value: minute.failedAtTarget + minute.failedAtBalancer });
    this.#memory.samples.push({ at, value: Number(levelOf('memory', 0, at, environment, faults).toFixed(2)) });
    this.#disk.samples.push({ at, value: Number(levelOf('disk', 0, at, environment, faults).toFixed(2)) });
  }

  get curves(): RehearsalReport['metrics'] {
    return [this.#latency, this.#errors, this.#memory, this.#disk];
  }
}
