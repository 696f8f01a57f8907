// Systems Manager Parameter Store in one Region: one parameter, read and replaced.
import { GetParameterCommand, GetParameterHistoryCommand, type ParameterHistory, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientFor } from './clients.ts';

export interface ParameterValue {
  readonly value: string;
  readonly type: string;
  /** counts the changes of the parameter, from 1 */
  readonly version: number;
}

export interface Replaced {
  readonly version: number;
  /** Values that somebody else wrote between the version that was replaced and the one that was made. */
  readonly overwritten: readonly string[];
}

export class Parameters {
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  get #client() {
    return clientFor(SSMClient, this.#region);
  }

  /** undefined: there is no such parameter. A secret's value is not decrypted. */
  async read(name: string): Promise<ParameterValue | undefined> {
    try {
      const { Parameter } = await this.#client.send(new GetParameterCommand({ Name: name }));
      return { value: Parameter?.Value ?? '', type: Parameter?.Type ?? '', version: Parameter?.Version ?? 0 };
    } catch (error) {
      if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
      throw error;
    }
  }

  /**
   * Gives the parameter another value and keeps what else is set on it; what a change does not name, Parameter Store may set to its default.
   * undefined: `version` is not the newest any more, and nothing was written.
   */
  async replace(name: string, version: number, value: string): Promise<Replaced | undefined> {
    const newest = (await this.#history(name)).at(-1);
    if (!newest || newest.Version !== version) return undefined;
    const { Type, Tier, DataType, Description, AllowedPattern, KeyId } = newest;
    const { Version } = await this.#client.send(
      new PutParameterCommand({
        ...{ Name: name, Value: value, Overwrite: true },
        ...(Type ? { Type } : {}),
        ...(Tier ? { Tier } : {}),
        ...(DataType ? { DataType } : {}),
        ...(Description ? { Description } : {}),
        ...(AllowedPattern ? { AllowedPattern } : {}),
        ...(KeyId ? { KeyId } : {}),
      }),
    );
    const made = Version ?? version + 1;
    if (made === version + 1) return { version: made, overwritten: [] };
    // A version in between is this one, written again by the SDK after a lost answer, or somebody else's.
    const between = (await this.#history(name)).filter((entry) => (entry.Version ?? 0) > version && (entry.Version ?? 0) < made);
    return { version: made, overwritten: between.map(({ Value = '' }) => Value).filter((other) => other !== value) };
  }

  /** Oldest first, up to 100 versions. It tells tier, key and pattern, which the parameter itself does not. */
  async #history(name: string): Promise<ParameterHistory[]> {
    const entries: ParameterHistory[] = [];
    let token: string | undefined;
    do {
      const page = await this.#client.send(new GetParameterHistoryCommand({ Name: name, MaxResults: 50, ...(token ? { NextToken: token } : {}) }));
      entries.push(...(page.Parameters ?? []));
      token = page.NextToken;
    } while (token);
    return entries.sort((a, b) => (a.Version ?? 0) - (b.Version ?? 0));
  }
}
