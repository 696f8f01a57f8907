// What a statement of a policy consists of, and the conditions that several of them share.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ownershipTag } from '../../core/contracts/deployment.ts';
import type { ControlRegion } from '../config.ts';

/** A statement, and why it names a resource by a wildcard if it does. */
export interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Required as soon as a resource contains `*`. */
  readonly wildcard?: string;
}

/** Of one control Region: everything that a sentence of grants.ts allows. */
export type Permission = (control: ControlRegion) => readonly Allowed[];

export const toStatement = ({ actions, resources, conditions }: Allowed): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions === undefined ? {} : { conditions }) });

export const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();
export const sideRegions = ({ plans }: ControlRegion) => distinct(plans.flatMap(({ sides }) => [sides.primary.region, sides.standby.region]));
export const primaryRegions = ({ plans }: ControlRegion) => distinct(plans.map(({ sides }) => sides.primary.region));
export const standbyRegions = ({ plans }: ControlRegion) => distinct(plans.map(({ sides }) => sides.standby.region));
export const services = ({ plans }: ControlRegion) => distinct(plans.map(({ service }) => service));
export const ownedResource = (control: ControlRegion) => ({ StringEquals: { [`aws:ResourceTag/${ownershipTag}`]: services(control) } });
export const ownedRequest = (control: ControlRegion) => ({ StringEquals: { [`aws:RequestTag/${ownershipTag}`]: services(control) } });
export const inRegions = (regions: readonly string[]) => ({ StringEquals: { 'aws:RequestedRegion': regions } });
export const noResourceLevel = (what: string) => `${what} has no resource-level permissions; it only reads, and only in the Regions named.`;
export const madeAtRunTime = (what: string) => `${what} are made at run time: their ids are not known before, the tag condition stands for them.`;
