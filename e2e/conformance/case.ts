// A case of the conformance test: one call that is made on the simulated cloud and on an emulator, with what has to stand before it.

/** Clouds that are compared. */
export type Where = 'simulated' | Emulator;
export type Emulator = 'ministack' | 'moto';

/** Something with a middleware stack: any SDK client. */
export interface AnyClient {
  readonly middlewareStack: unknown;
  destroy(): void;
}
export type ClientConstructor<Client extends AnyClient> = new (config: {
  region: string;
  maxAttempts: number;
  endpoint?: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}) => Client;

/** For what MiniStack lacks or does otherwise than AWS, and moto does as AWS. */
export const moto: readonly Emulator[] = ['moto'];

export type MachineName = 'waits' | 'passes' | 'fails';

/** What stands in a cloud that the public interfaces of the simulated one cannot make. */
export interface Premises {
  readonly imageId: string;
  readonly vpcId: string;
  readonly keyArn: string;
  readonly queueUrl: string;
  readonly topicArn: string;
  readonly busName: string;
  readonly machines: Readonly<Record<MachineName, string>>;
  /** Where it cannot be made: a rule and a listener that forward to these target groups. */
  readonly front?: (groups: readonly [string, string]) => { readonly ruleArn: string; readonly listenerArn: string };
  /** Where it cannot be made: an environment to which nothing was deployed. */
  readonly configuration?: { readonly ApplicationId: string; readonly EnvironmentId: string; readonly ConfigurationProfileId: string };
}

/** One cloud, ready for calls. */
export interface Stage {
  readonly where: Where;
  readonly premises: Premises;
  client<Client extends AnyClient>(make: ClientConstructor<Client>, region: string): Client;
  /** Lets so much time pass in the simulated cloud; emulators are not waited for. */
  pass(seconds: number): Promise<void>;
}

/** Where the product's standby and control plane are, and where its primary is. */
export const home = 'eu-central-1';
export const away = 'eu-west-1';
/** Route 53 is one service for all Regions; its interface is here. */
export const route53Region = 'us-east-1';

export interface Case<Kit> {
  /** `service:Operation`, as the simulated cloud counts calls. */
  readonly operation: string;
  /** What is particular; unique for the operation. */
  readonly name: string;
  /** With whom the simulated cloud is compared. Default: MiniStack. */
  readonly on?: readonly Emulator[];
  /** Paths of the answer whose values must be the same too, as `differences` writes them. */
  readonly same?: readonly string[];
  /** Makes the call. Preparations belong into the kit or into cases before it: an error here counts as the call's. */
  call(stage: Stage, kit: Kit): Promise<object>;
}

/** Cases of one service, in the order in which they are run. */
export interface Suite {
  readonly cases: readonly Omit<Case<never>, 'call'>[];
  /** Sets the kit up; the returned function makes the call of the case at an index. */
  begin(stage: Stage): Promise<(index: number) => Promise<object>>;
}

/** @param setUp makes what the cases work on */
export function suite<Kit>(setUp: (stage: Stage) => Promise<Kit>, cases: readonly Case<Kit>[]): Suite {
  return {
    cases,
    async begin(stage) {
      const kit = await setUp(stage);
      return async (index) => {
        const found = cases[index];
        if (!found) throw new RangeError(`there is no case ${index}`);
        return found.call(stage, kit);
      };
    },
  };
}
