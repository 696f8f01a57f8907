// What an entry of the list of known differences says.

export interface KnownDifference {
  /** Unique, in words joined by hyphens. */
  readonly id: string;
  /** Who meets it: the comparison of single calls, that of whole failovers, or the deployment and whatever runs there (shown by a probe of e2e/workarounds). */
  readonly kind: 'conformance' | 'workflow' | 'deployment';
  readonly where: 'ministack' | 'moto';
  /** The pinned version that it was seen with. */
  readonly since: string;
  /** `service:Operation`, or `service:*`. */
  readonly operation: string;
  readonly differs: string;
  /** What AWS does, and the page that says so. */
  readonly aws: string;
  readonly source: { readonly title: string; readonly url: string };
  /** What the test does about it. Left out: it lives with it. */
  readonly workaround?: { readonly file: string; readonly does: string };
  /** Why nothing looks whether it still shows. */
  readonly unprobed?: string;
  /** How it shows. `deployment` has nothing to show it by. */
  readonly shows?: {
    /** Names of cases. Default: any of the operation. */
    readonly cases?: readonly string[];
    /** Lines as e2e/conformance/compare.ts writes them; `*` at the end stands for any rest. */
    readonly lines: readonly string[];
  };
}

/** A page of AWS's documentation. */
export const docs = (title: string, path: string) => ({ title, url: `https://docs.aws.amazon.com/${path}` });
