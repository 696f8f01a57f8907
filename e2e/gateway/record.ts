// What the gateway noted of one API call that passed it.

/** One answered call, as it came over the wire. A call that was repeated by the SDK is as many records. */
export interface GatewayRecord {
  /** When it arrived: ms since the epoch. */
  readonly at: number;
  /** From the request's signature. */
  readonly region: string;
  /** Signing name: `ec2`, `elasticloadbalancing`, `sns`, `dynamodb`, `sqs`, `events`, `states`, `monitoring`, `route53` ... */
  readonly service: string;
  /** As AWS names it, e.g. `RunInstances`. */
  readonly operation: string;
  /** Name of the function that called, e.g. `forestall-shift-traffic`, `states` for a state machine's own tasks, or `outside`. */
  readonly caller: string;
  /**
   * Parameters by protocol: the query form as a flat `Record<string, string>` (ec2, elasticloadbalancing, sns); the JSON object (dynamodb, sqs, events, states);
   * the decoded CBOR object (monitoring); `{ path, method, xml }` (route53). `sdkInputOf` makes the SDK's input of it.
   */
  readonly input: unknown;
  /** HTTP status of the answer. */
  readonly status: number;
  /** AWS's error code of an answer that refused the call. */
  readonly errorCode?: string;
  /** Ids of the instances or snapshots that EC2 made by it. */
  readonly made?: readonly string[];
}
