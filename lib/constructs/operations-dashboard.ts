// The first thing to look at: what is protected, whether it is moving, and whether Forestall itself works.
import { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Column, Dashboard, GraphWidget, type IWidget, Metric, Row, Stats, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { evacuationMetric } from '../../core/contracts/deployment.ts';
import { defaultEntryMetrics } from '../../core/contracts/metrics.ts';
import { type Plan, SideName } from '../../core/contracts/plan.ts';
import { alarmedMachines } from '../alarms.ts';
import type { ControlRegion } from '../config.ts';
import { functionName, scoringQueueName, stateMachineArn } from '../names.ts';

export class OperationsDashboard extends Construct {
  constructor(scope: Construct, control: ControlRegion, alarms: Alarm[]) {
    super(scope, 'dashboard');
    new Dashboard(this, 'Dashboard', {
      dashboardName: `forestall-${control.region}`,
      defaultInterval: Duration.hours(3),
      widgets: [
        [new AlarmStatusWidget({ title: 'Forestall itself', alarms, width: 24, height: 3 })],
        ...control.plans.map((plan) => [serviceRow(plan, control.region)]),
        [new Row(...engineRow(control.region))],
      ],
    });
  }
}

function serviceRow(plan: Plan, controlRegion: string): IWidget {
  const heading = new TextWidget({ markdown: `## ${plan.service}: ${plan.record.name}`, width: 24, height: 1 });
  const graphs = defaultEntryMetrics
    .filter(({ role }) => role === 'requests' || role === 'latency')
    .map(
      ({ name, namespace, metric, statistic, periodSeconds }) =>
        new GraphWidget({
          title: `${name} by side`,
          width: 8,
          left: SideName.options.map(
            (side) =>
              new Metric({
                namespace,
                metricName: metric,
                statistic,
                period: Duration.seconds(periodSeconds),
                dimensionsMap: { LoadBalancer: plan.sides[side].loadBalancer.dimension },
                region: plan.sides[side].region,
                label: side,
              }),
          ),
        }),
    );
  const latches = new GraphWidget({
    title: 'latched away from traffic',
    width: 8,
    leftYAxis: { min: 0, max: 1 },
    left: SideName.options.map(
      (side) =>
        new Metric({
          namespace: evacuationMetric.namespace,
          metricName: evacuationMetric.metricName,
          statistic: Stats.MAXIMUM,
          period: Duration.minutes(1),
          dimensionsMap: { Service: plan.service, Side: side },
          region: controlRegion,
          label: side,
        }),
    ),
  });
  return new Column(heading, new Row(...graphs, latches));
}

function engineRow(region: string): IWidget[] {
  const each = { period: Duration.minutes(1), statistic: Stats.SUM };
  const ofFunctions = (metricName: string) =>
    (['dispatch-scoring', 'score-risk', 'start-workflow', 'settle-execution'] as const).map(
      (name) => new Metric({ namespace: 'AWS/Lambda', metricName, dimensionsMap: { FunctionName: functionName(name) }, label: name, ...each }),
    );
  return [
    new GraphWidget({ title: 'invocations', width: 6, left: ofFunctions('Invocations') }),
    new GraphWidget({ title: 'errors', width: 6, left: ofFunctions('Errors') }),
    new GraphWidget({
      title: 'age of the oldest message (s)',
      width: 6,
      left: [
        new Metric({
          namespace: 'AWS/SQS',
          metricName: 'ApproximateAgeOfOldestMessage',
          dimensionsMap: { QueueName: scoringQueueName },
          ...each,
          statistic: Stats.MAXIMUM,
        }),
      ],
    }),
    new GraphWidget({
      title: 'workflows started',
      width: 6,
      left: alarmedMachines.map(
        (name) =>
          new Metric({
            namespace: 'AWS/States',
            metricName: 'ExecutionsStarted',
            dimensionsMap: { StateMachineArn: stateMachineArn(region, name) },
            label: name,
            ...each,
          }),
      ),
    }),
  ];
}
