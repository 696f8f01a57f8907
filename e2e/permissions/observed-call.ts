// One API call as permissions look at it, wherever it was seen: on the emulator's gateway or in the simulated cloud.

export interface ObservedCall {
  /** Principal as `nameOf` writes it: `forestall-shift-traffic`, `state machine forestall-fail-over`, `schedule forestall-sweep-orphans`. */
  readonly caller: string;
  /** IAM's prefix: `ec2`, `route53`, `cloudwatch`, `dynamodb`, `elasticloadbalancing`, `events`, `sqs`, `states`, `sns`, `lambda`. */
  readonly service: string;
  /** As AWS names it, e.g. `RunInstances`. */
  readonly operation: string;
  readonly region: string;
  /** In the shape of the SDK's commands. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Ids of what the call made, where it is known. */
  readonly made?: readonly string[];
}
