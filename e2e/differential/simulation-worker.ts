// A thread that plays one run of the test's scenarios on the simulated cloud.
import { parentPort, workerData } from 'node:worker_threads';
import { badStandby } from '../scenarios/bad-standby.ts';
import { compressedRun } from '../scenarios/compressed.ts';
import { grayFailure } from '../scenarios/gray-failure.ts';
import { recordOnSimulatedCloud } from './from-arm.ts';
import type { SimulationJob } from './simulate.ts';

const { scenario: name, seed, plan, start } = workerData as SimulationJob;
const scenario = [grayFailure, badStandby].find((one) => one.name === name);
if (scenario === undefined) throw new Error(`e2e/scenarios has no scenario '${name}'; add it to e2e/differential/simulation-worker.ts`);
const { record } = await recordOnSimulatedCloud(compressedRun(scenario, seed, plan, start));
// Schemas and helpers of the SDK that hang on inputs do not pass to another thread; their values do.
parentPort?.postMessage(structuredClone(record));
