// Compares what a run left unused with the reviewed list.
import { wildcardMatches } from './evaluate.ts';
import type { Permission } from './judge.ts';
import { type UnusedAction, unusedActions } from './unused-actions.ts';

/** Whether the list has the permission as one that is not seen to be used. */
export const isListed = ({ principal, action, resource }: Permission, list: readonly UnusedAction[] = unusedActions): boolean =>
  list.some((entry) => named(entry.principals, principal) && named(entry.actions, action) && named(entry.resources, resource));

const named = (patterns: readonly string[], text: string) => patterns.some((pattern) => wildcardMatches(pattern, text));

/** Entries, action by action, that name nothing among the permissions: to be deleted from the list. */
export const namingNothing = (permissions: readonly Permission[], list: readonly UnusedAction[] = unusedActions): string[] =>
  list.flatMap((entry) =>
    entry.principals.flatMap((principal) =>
      entry.actions
        .filter((action) => !permissions.some((permission) => isListed(permission, [{ ...entry, principals: [principal], actions: [action] }])))
        .map((action) => `${principal}: ${action}`),
    ),
  );

/** One line, for a report. */
export const describe = ({ principal, action, resource }: Permission): string => `${principal}: ${action} on ${resource}`;
