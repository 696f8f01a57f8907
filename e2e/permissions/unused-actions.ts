// What the policies allow and no run is seen to use, with the reason why it stays. Reviewed by hand.
// Whatever else is allowed and unused fails the test: it is to be removed. An entry that has become used, or is not allowed any more, fails as well.

export interface UnusedAction {
  /** Names as in policies.ts; `*` stands for any text, also in the two below. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly reason: string;
}

export const unusedActions: readonly UnusedAction[] = [
  {
    principals: ['forestall-roll-back'],
    actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
    resources: ['arn:aws:dynamodb:*:table/forestall-resources'],
    reason:
      "A move that was made by the evacuation check, since Route 53's control plane did not answer, is taken back by lifting the latch. In the runs the receiving side serves then; test/lambdas takes it back.",
  },
  {
    principals: ['forestall-roll-back'],
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    reason: 'As above: the latch is lifted.',
  },
  {
    principals: ['forestall-roll-back', 'forestall-check-drain', 'forestall-hand-over'],
    actions: ['dynamodb:GetItem'],
    resources: ['arn:aws:dynamodb:*:table/forestall-resources'],
    reason: "When the prober finds a side dead, Route 53's checkers are asked as well, whose ids are there. In the runs the prober is cut off from nobody.",
  },
  {
    principals: ['forestall-hand-over'],
    actions: ['cloudwatch:GetMetricData'],
    resources: ['*'],
    reason: 'As above: what the checkers say.',
  },
  {
    principals: ['forestall-halt-failover', 'forestall-settle-execution'],
    actions: ['dynamodb:UpdateItem'],
    resources: ['arn:aws:dynamodb:*:table/forestall-resources'],
    reason: 'A hand-over that broke off past its point of no return is completed by whatever ends the failover. In the runs none breaks off there.',
  },
  {
    principals: ['forestall-open-failover', 'forestall-halt-failover', 'forestall-settle-execution', 'forestall-sweep-orphans'],
    actions: ['states:StartExecution'],
    resources: ['arn:aws:states:*:stateMachine:forestall-retire-side'],
    reason:
      'An ending that closed a failover and could not start what follows it is repeated by whoever finds it: the halt after the close, the settlement, the sweeper. In the runs the close starts it.',
  },
  {
    principals: ['forestall-shift-traffic'],
    actions: ['appconfig:GetDeployment', 'arc-zonal-shift:CancelZonalShift'],
    resources: ['*'],
    reason:
      'After an evacuation this function switches what a hand-over switches otherwise: a repeat of it follows the deployment that the first attempt began, and an evacuation of the standby ends the zonal shift. The runs evacuate the primary, at the first attempt.',
  },
  {
    principals: [
      'forestall-record-evidence',
      'forestall-start-workflow',
      'forestall-settle-execution',
      'forestall-dispatch-scoring',
      'forestall-sweep-orphans',
      'forestall-schedule-moves',
    ],
    actions: ['sqs:SendMessage'],
    resources: ['arn:aws:sqs:*-dead-letters'],
    reason: 'Lambda itself puts there, with the role of the function, what the function could not handle after its retries.',
  },
  {
    principals: [
      'schedule forestall-record-evidence',
      'schedule forestall-dispatch-scoring',
      'schedule forestall-sweep-orphans',
      'schedule forestall-schedule-moves',
    ],
    actions: ['sqs:SendMessage'],
    resources: ['arn:aws:sqs:*-dead-letters'],
    reason: 'EventBridge Scheduler itself puts there what it could not deliver.',
  },
  {
    principals: ['forestall-record-evidence'],
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl'],
    resources: ['arn:aws:sqs:*:forestall-evidence'],
    reason: 'As score-risk: Lambda polls the queue of host events with the role of the function.',
  },
  {
    principals: ['forestall-score-risk'],
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl'],
    resources: ['arn:aws:sqs:*:forestall-scoring'],
    reason:
      "Lambda polls the queue with the role of the function. The CDK's event source grants these five as one; the last two concern the same queue and change nothing but who sees a message.",
  },
  {
    principals: ['rule forestall-host-events-to-*'],
    actions: ['events:PutEvents'],
    resources: ['arn:aws:events:*:event-bus/forestall'],
    reason: 'EventBridge itself forwards what EC2 and AWS Health say about hosts; neither the simulated cloud nor the emulator says anything.',
  },
  {
    principals: ['state machine *'],
    actions: [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    resources: ['*'],
    reason: 'Step Functions sets up the log delivery of a machine with its role. Its documentation names these eight, and that they have no resources.',
  },
  {
    principals: ['state machine *'],
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resources: ['*'],
    reason: "Step Functions sends a machine's traces with its role. Its documentation names these four.",
  },
  {
    principals: ['state machine forestall-adjust-mirroring', 'state machine forestall-fail-over', 'state machine forestall-evacuate'],
    actions: ['states:DescribeExecution', 'states:StopExecution'],
    resources: ['arn:aws:states:*:execution:forestall-*:*'],
    reason: 'Step Functions follows a nested execution, and stops it with its parent, in the name of the role: outside of a run that an emulator shows.',
  },
  {
    principals: ['state machine forestall-adjust-mirroring', 'state machine forestall-fail-over', 'state machine forestall-evacuate'],
    actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    resources: ['arn:aws:events:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'],
    reason: 'Step Functions makes the rule by which it learns that a nested execution has ended, when a machine is created or changed.',
  },
];
