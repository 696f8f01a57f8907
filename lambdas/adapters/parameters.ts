// Systems Manager Parameter Store in one Region: one parameter, read and replaced.
import { GetParameterCommand, GetParameterHistoryCommand, type ParameterHistory, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientFor } from './clients.ts';

export interface ParameterValue {
  readonly value: string;
  readonly type: string;
  /** counts the changes of the parameter, from 1 */
  readonly version: number;
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
   * Returns the version that was made; undefined: `version` is not the newest any more, and nothing was written.
   */
  async replace(name: string, version: number, value: string): Promise<number | undefined> {
    const newest = await this.#newest(name);
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
    return Version ?? version + 1;
  }

  /** The history tells tier, key and pattern, which the parameter itself does not. It keeps 100 versions, oldest first. */
  async #newest(name: string): Promise<ParameterHistory | undefined> {
    let newest: ParameterHistory | undefined;
    let token: string | undefined;
    do {
      const page = await this.#client.send(new GetParameterHistoryCommand({ Name: name, MaxResults: 50, ...(token ? { NextToken: token } : {}) }));
      for (const entry of page.Parameters ?? []) if ((entry.Version ?? 0) > (newest?.Version ?? 0)) newest = entry;
      token = page.NextToken;
    } while (token);
    return newest;
  }
}
