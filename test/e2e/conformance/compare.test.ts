// Comparison of outcomes: shapes, values, errors, and what is made alike before.
import { describe, expect, it } from 'vitest';
import { answered, differences, normalised, refused } from '../../../e2e/conformance/compare.ts';

const error = (name: string, httpStatusCode?: number) => refused(Object.assign(new Error('why'), { name, $metadata: { httpStatusCode } }));

describe('answers', () => {
  const ours = { $metadata: { attempts: 1 }, List: [{ Id: 'i-0123456789abcdef0', State: 'running' }], At: new Date(0), Count: 1, Absent: undefined };

  it('are alike when their members have the same kinds, whatever the values', () => {
    const theirs = {
      List: [
        { Id: 'i-0fedcba9876543210', State: 'stopped' },
        { Id: 'x', State: 'y' },
      ],
      At: new Date(1),
      Count: 7,
    };
    expect(differences(answered(ours), answered(theirs))).toEqual([]);
  });

  it('differ by members that one side lacks, and by kinds', () => {
    const theirs = { List: [{ Id: 7, Name: 'x' }], At: '1970-01-01', Count: 1, More: { Inner: [1] } };
    expect(differences(answered(ours), answered(theirs))).toEqual([
      '+ List[].Name',
      '+ More',
      '- List[].State',
      '~ At: date, string',
      '~ List[].Id: string, number',
    ]);
  });

  it('differ by items in a list that is empty on the other side', () => {
    expect(differences(answered({ List: [] }), answered({ List: [{ Id: 'x' }] }))).toEqual(['+ List[]']);
    expect(differences(answered({ List: [] }), answered({}))).toEqual(['- List']);
  });

  it('differ by the values of the paths that are asked for only', () => {
    const theirs = { ...ours, List: [{ Id: 'i-0fedcba9876543210', State: 'stopped' }] };
    expect(differences(answered(ours), answered(theirs), ['List[].Id'])).toEqual([]);
    expect(differences(answered(ours), answered(theirs), ['List[].State', 'Count'])).toEqual(['= List[].State: running, stopped']);
  });
});

describe('errors', () => {
  it('are alike with the same name and status, whatever the message', () => {
    expect(differences(error('NoSuchChange', 404), error('NoSuchChange', 404))).toEqual([]);
    expect(differences(error('NoSuchChange', 404), error('NoSuchChange', 400))).toEqual(['! NoSuchChange 404, NoSuchChange 400']);
    expect(differences(error('A', 400), error('B', 400))).toEqual(['! A 400, B 400']);
  });

  it('differ by their class, which code may ask for', () => {
    class Modelled extends Error {
      override readonly name = 'NoSuchChange';
      readonly $metadata = { httpStatusCode: 404 };
    }
    expect(differences(error('NoSuchChange', 404), refused(new Modelled('why')))).toEqual(['! class Error, class Modelled']);
  });

  it('differ from answers', () => {
    expect(differences(error('A', 400), answered({}))).toEqual(['! A 400, an answer']);
    expect(differences(answered({}), error('A'))).toEqual(['! an answer, A -']);
    expect(refused('text')).toMatchObject({ kind: 'error', name: 'text' });
  });
});

describe('values', () => {
  it.each<[unknown, string]>([
    ['snap-0123456789abcdef0', '<snap>'],
    ['arn:aws:sns:eu-central-1:123456789012:topic', 'arn:aws:sns:eu-central-1:<account>:topic'],
    ['/change/C0123456789ABCDEFGHIJ', '/change/<id>'],
    ['11111111-2222-3333-4444-555555555555', '<uuid>'],
    [new Date(0), '<date>'],
    [100, '100'],
    ['snapshot', 'snapshot'],
  ])('%s is made %s', (value, expected) => {
    expect(normalised(value)).toBe(expected);
  });
});
