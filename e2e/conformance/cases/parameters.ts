// Systems Manager Parameter Store: a parameter, its versions, and what a change keeps.
import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  type GetParameterHistoryCommandInput,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { type Case, home, moto, type Stage, suite } from '../case.ts';

const name = '/shop/active-side';
const client = (stage: Stage) => stage.client(SSMClient, home);
type Rest = Partial<Pick<Case<undefined>, 'on' | 'same'>>;

const get = (what: string, Name: string, rest: Rest = {}): Case<undefined> => ({
  operation: 'ssm:GetParameter',
  name: what,
  call: (stage) => client(stage).send(new GetParameterCommand({ Name })),
  ...rest,
});
const history = (what: string, input: Partial<GetParameterHistoryCommandInput>, rest: Rest = {}): Case<undefined> => ({
  operation: 'ssm:GetParameterHistory',
  name: what,
  call: (stage) => client(stage).send(new GetParameterHistoryCommand({ Name: name, ...input })),
  ...rest,
});
const put = (what: string, input: Partial<PutParameterCommandInput>, rest: Rest = {}): Case<undefined> => ({
  operation: 'ssm:PutParameter',
  name: what,
  call: (stage) => client(stage).send(new PutParameterCommand({ Name: name, Value: 'ireland', ...input })),
  ...rest,
});
const value = ['Parameter.Value', 'Parameter.Version', 'Parameter.Type', 'Parameter.DataType'];
const versions = ['Parameters[].Value', 'Parameters[].Version', 'Parameters[].Tier', 'Parameters[].Description'];

export const parameters = suite<undefined>(
  async () => undefined,
  [
    get('absent', name),
    history('absent', {}),
    put('new without a type', {}),
    put('new', { Type: 'String', Description: 'who serves', AllowedPattern: '^[a-z]+$' }, { same: ['Version', 'Tier'] }),
    put('new again', { Type: 'String' }),
    get('new', name, { same: value }),
    put('overwritten', { Value: 'frankfurt', Overwrite: true, Description: 'who serves', AllowedPattern: '^[a-z]+$' }, { same: ['Version'] }),
    get('overwritten', name, { same: value }),
    history('of two versions', {}, { on: moto, same: versions }),
    history('a page of it', { MaxResults: 1 }, { on: moto, same: versions }),
  ],
);
