// What the emulators are known to do otherwise than AWS. One that no longer shows fails the run, so that this list stays true.
import { deploymentDifferences } from './deployment.ts';
import { ec2Differences } from './ec2.ts';
import type { KnownDifference } from './known-difference.ts';
import { otherDifferences } from './others.ts';
import { route53Differences } from './route53.ts';

export const knownDifferences: readonly KnownDifference[] = [...ec2Differences, ...route53Differences, ...otherDifferences, ...deploymentDifferences];
