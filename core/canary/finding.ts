// What the judge found of one metric: enough to answer "why did this metric fail?".

export interface Finding {
  readonly metric: string;
  /** missing: there is no data, or too little to say anything. unclear: there is data, and it neither proves nor excludes that the receiving side is worse. */
  readonly result: 'pass' | 'fail' | 'unclear' | 'missing';
  /** decides alone, instead of being counted in the score */
  readonly critical: boolean;
  /** the test that decided */
  readonly rule: string;
  /** both values and the bound, in words */
  readonly detail: string;
}

export const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** A p-value that people can read. */
export const chance = (p: number) => (p < 0.0001 ? 'p < 0.0001' : `p = ${p.toPrecision(2)}`);

export const sentence = ({ metric, result, rule, detail }: Finding) => `${metric}: ${result} by ${rule}: ${detail}`;
