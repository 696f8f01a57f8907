// Filters of EC2's Describe operations.
import { NotSimulatedError } from './call.ts';
import type { Faults } from './fault.ts';

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

const patternOf = (value: string) =>
  new RegExp(
    `^${value
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    's',
  );

/**
 * Whether something passes all filters; the values of one filter are alternatives and may hold `*` and `?`.
 * @param property values of a filter that is not about tags; undefined when the filter is not known
 */
export function passes(
  filters: readonly Filter[] | undefined,
  tags: Readonly<Record<string, string>>,
  property: (name: string) => readonly string[] | undefined,
): boolean {
  return (filters ?? []).every(({ Name = '', Values = [] }) => {
    let candidates = property(Name);
    if (Name.startsWith('tag:')) {
      const value = tags[Name.slice(4)];
      candidates = value === undefined ? [] : [value];
    } else if (Name === 'tag-key') candidates = Object.keys(tags);
    if (candidates === undefined) throw new NotSimulatedError(`ec2: the filter ${Name} is not simulated`);
    return Values.some((value) => (/[*?]/.test(value) ? candidates.some((candidate) => patternOf(value).test(candidate)) : candidates.includes(value)));
  });
}

export interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** Tags that a creating call asks for, for one type of resource. */
export function tagsFor(
  resourceType: string,
  specifications: readonly { readonly ResourceType?: string | undefined; readonly Tags?: readonly Tag[] | undefined }[] | undefined,
): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const { ResourceType, Tags } of specifications ?? [])
    if (ResourceType === resourceType) for (const { Key, Value } of Tags ?? []) tags[Key ?? ''] = Value ?? '';
  return tags;
}

export const tagList = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Refuses a page size beside ids, or out of range. */
export function checkPageSize(size: number | undefined, ids: readonly string[] | undefined, idsParameter: string, fault: Faults): void {
  if (size === undefined) return;
  if (ids) throw fault('InvalidParameterCombination', `The parameter ${idsParameter} cannot be used with the parameter maxResults`);
  if (size < 5 || size > 1000) throw fault('InvalidParameterValue', `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value from 5 to 1000.`);
}
