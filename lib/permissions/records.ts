// Who may change weights: of the plans' own records, and nothing else in their zones.
import * as names from '../names.ts';
import type { Permission } from './allowed.ts';

/** Route 53 takes the whole change batch into account: every name, type and action in it must be allowed. */
export const changeWeights: Permission = ({ plans }) =>
  plans.map(({ record }) => ({
    actions: ['route53:ChangeResourceRecordSets'],
    resources: [names.route53Arn(`hostedzone/${record.hostedZoneId}`)],
    conditions: {
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [normalizedRecordName(record.name)],
        'route53:ChangeResourceRecordSetsRecordTypes': record.types,
        'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE', 'UPSERT'],
      },
      // ForAllValues is also true for a request without these keys.
      Null: { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'false' },
    },
  }));

/** Lower case, no dot at the end, anything but a-z, 0-9, `-`, `_` and `.` as an octal escape. */
export const normalizedRecordName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9_.-]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
