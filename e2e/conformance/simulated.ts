// The simulated cloud as a stage: a rehearsal without functions, whose time moves while a call is under way.
import type { StateMachineName } from '../../core/contracts/deployment.ts';
import { namesIn } from '../../rehearsal/runtime/names.ts';
import { createRuntime } from '../../rehearsal/runtime/runtime.ts';
import { type AnyClient, away, type ClientConstructor, home, type MachineName, route53Region, type Stage } from './case.ts';
import { machineDefinitions, machineNames } from './machines.ts';

export interface SimulatedStage extends Stage {
  /** Runs work in virtual time. Throws what the simulated cloud refuses loudly. */
  during<Value>(work: () => Promise<Value>): Promise<Value>;
  /** `service:Operation` of everything that it answers. */
  readonly answers: readonly string[];
  close(): Promise<void>;
}

const secondMs = 1000;

/** Starts it. Until it is closed, timers and dates of this thread are virtual: nothing else may run. */
export async function simulatedStage(): Promise<SimulatedStage> {
  const definition = (name: StateMachineName) => {
    const found = (Object.keys(machineNames) as MachineName[]).find((machine) => machineNames[machine] === name);
    return found && JSON.stringify(machineDefinitions[found]);
  };
  const runtime = await createRuntime(
    { seed: 1, startAt: Date.UTC(2026, 0, 15, 12), regions: [home, away, route53Region], controlRegion: home, fetch, schedules: false, duplicateShare: 0 },
    // Events and messages arrive, and nothing is made of them.
    { handlers: async () => async () => {}, machines: definition },
  );
  const names = namesIn(home);
  const keyArn = `arn:aws:kms:${home}:123456789012:key/11111111-2222-3333-4444-555555555555`;
  runtime.cloud.physical.addKey(keyArn);
  const configuration = { ApplicationId: 'app1234', EnvironmentId: 'env1234', ConfigurationProfileId: 'pro1234' };
  runtime.cloud.physical.addEnvironment({ region: home, applicationId: configuration.ApplicationId, environmentId: configuration.EnvironmentId });
  const clients = new Map<string, AnyClient>();
  return {
    where: 'simulated',
    answers: runtime.answers,
    premises: {
      imageId: 'ami-12c6146b',
      vpcId: 'vpc-0123456789abcdef0',
      keyArn,
      queueUrl: names.queueUrl,
      topicArn: names.topicArn,
      busName: 'forestall',
      machines: {
        waits: names.stateMachineArn(machineNames.waits),
        passes: names.stateMachineArn(machineNames.passes),
        fails: names.stateMachineArn(machineNames.fails),
      },
      front([first, second]) {
        const made = (type: string) => `arn:aws:elasticloadbalancing:${home}:123456789012:${type}/app/front/0011223344556677/0011223344556677`;
        const arns = { listenerArn: made('listener'), ruleArn: `${made('listener-rule')}/0011223344556677` };
        for (const arn of Object.values(arns)) runtime.cloud.physical.addForward(arn, { [first]: 100, [second]: 0 });
        return arns;
      },
      configuration,
    },
    client<Client extends AnyClient>(make: ClientConstructor<Client>, region: string): Client {
      const key = `${make.name}/${region}`;
      const known = clients.get(key);
      if (known) return known as Client;
      const made = new make({ region, maxAttempts: 1, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
      runtime.cloud.attach(made, region, 'forestall');
      clients.set(key, made);
      return made;
    },
    pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * secondMs)),
    async during(work) {
      let under: 'way' | 'over' = 'way';
      const result = work().finally(() => {
        under = 'over';
      });
      // Whoever awaits it below gets the error.
      result.catch(() => {});
      while (under === 'way') await runtime.runUntil(runtime.clock.now() + secondMs);
      return result;
    },
    close: async () => {
      for (const client of clients.values()) client.destroy();
      await runtime.close();
    },
  };
}
