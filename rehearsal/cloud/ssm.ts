// Systems Manager Parameter Store of every Region: parameters with their versions.
import * as sdk from '@aws-sdk/client-ssm';
import { faultsOf } from './fault.ts';
import { type CallContext, mutates, page, reads, type Service } from './service.ts';

const fault = faultsOf(sdk, 'SSMServiceException');
const owner = 'arn:aws:iam::123456789012:root';
/** Versions that are kept of a parameter. */
const kept = 100;

type Version = Pick<sdk.ParameterHistory, 'Value' | 'Type' | 'Tier' | 'DataType' | 'Description' | 'AllowedPattern'> & {
  readonly Version: number;
  readonly LastModifiedDate: Date;
};

/** Parameters of type String and StringList; a SecureString would need a key. */
export class ParameterStore {
  readonly #parameters = new Map<string, Version[]>();

  readonly service: Service = {
    name: 'ssm',
    operations: {
      GetParameter: reads((input: sdk.GetParameterCommandInput, context) => this.#get(input, context)),
      GetParameterHistory: reads((input: sdk.GetParameterHistoryCommandInput, context) => this.#history(input, context)),
      PutParameter: mutates((input: sdk.PutParameterCommandInput, context) => this.#put(input, context)),
    },
  };

  /** Puts a parameter there, as its owner does. */
  add(region: string, name: string, value: string, at: number): void {
    this.#parameters.set(`${region}${name}`, [
      { Value: value, Type: 'String', Tier: 'Standard', DataType: 'text', Version: 1, LastModifiedDate: new Date(at) },
    ]);
  }

  value(region: string, name: string): string | undefined {
    return this.#parameters.get(`${region}${name}`)?.at(-1)?.Value;
  }

  #versions(name: string | undefined, region: string): Version[] {
    const versions = this.#parameters.get(`${region}${name}`);
    if (!versions) throw fault('ParameterNotFound', `Parameter ${name} not found.`);
    return versions;
  }

  #get({ Name }: sdk.GetParameterCommandInput, { region }: CallContext): object {
    const { Value, Type, DataType, Version, LastModifiedDate } = this.#versions(Name, region).at(-1) ?? {};
    return {
      Parameter: { Name, Value, Type, DataType, Version, LastModifiedDate, ARN: `arn:aws:ssm:${region}:123456789012:parameter/${Name?.replace(/^\//, '')}` },
    };
  }

  #history({ Name, MaxResults = 50, NextToken }: sdk.GetParameterHistoryCommandInput, { region }: CallContext): object {
    const { items, next } = page(this.#versions(Name, region), MaxResults, NextToken, () => fault('InvalidNextToken', 'The specified token is not valid.'));
    return { Parameters: items.map((item) => ({ Name, ...item, LastModifiedUser: owner, Labels: [], Policies: [] })), ...(next ? { NextToken: next } : {}) };
  }

  #put(input: sdk.PutParameterCommandInput, { at, region }: CallContext): object {
    const { Name = '', Value, Type, Tier = 'Standard', DataType = 'text', Description, AllowedPattern, Overwrite = false } = input;
    const versions = this.#parameters.get(`${region}${Name}`) ?? [];
    const last = versions.at(-1);
    if (last && !Overwrite)
      throw fault('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.');
    if (!last && !Type) throw fault('ValidationException', 'A parameter type is required when you create a parameter.');
    if (last?.Tier === 'Advanced' && Tier === 'Standard') throw fault('ValidationException', 'This parameter uses the advanced-parameter tier.');
    if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(Value ?? ''))
      throw fault('ParameterPatternMismatchException', 'Parameter value, cannot be validated against allowedPattern');
    const Version = (last?.Version ?? 0) + 1;
    const made = { Value, Type: Type ?? last?.Type, Tier, DataType, Description, AllowedPattern, Version, LastModifiedDate: new Date(at) };
    this.#parameters.set(`${region}${Name}`, [...versions, made].slice(-kept));
    return { Version, Tier };
  }
}
