// What wakes somebody.
import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { functions } from '../../../core/contracts/deployment.ts';
import { alarmedMachines } from '../../../lib/alarms.ts';
import { synthesise } from '../fixture-app.ts';

const { templates } = synthesise();
const operations = templates.get('forestall-eu-central-1-operations');

test('three minutes without a tick are noticed although there is no data', () => {
  operations?.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'forestall-page-scoring-stopped',
    MetricName: 'Invocations',
    Dimensions: [{ Name: 'FunctionName', Value: 'forestall-dispatch-scoring' }],
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    Period: 60,
    EvaluationPeriods: 3,
    TreatMissingData: 'breaching',
  });
});

test('every queue of dead letters is watched, and no other', () => {
  const resources = (type: string) => [...templates.values()].flatMap((template) => Object.values(template.findResources(type)));
  const deadLetters = resources('AWS::SQS::Queue')
    .filter(({ Properties }) => Properties.RedrivePolicy === undefined)
    .map(({ Properties }) => Properties.QueueName);
  const watched = resources('AWS::CloudWatch::Alarm')
    .filter(({ Properties }) => Properties.MetricName === 'ApproximateNumberOfMessagesVisible')
    .map(({ Properties }) => Properties.Dimensions[0].Value);
  expect(deadLetters).toHaveLength(Object.values(functions).filter(({ trigger }) => trigger !== 'task').length);
  expect(watched.sort()).toEqual(deadLetters.sort());
});

test('a workflow that failed, timed out or was aborted pages', () => {
  for (const name of alarmedMachines)
    operations?.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `forestall-page-workflow-failed-${name}`,
      Metrics: Match.arrayWith(
        ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'].map((MetricName) =>
          Match.objectLike({ MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName }) }) }),
        ),
      ),
    });
});

test('every alarm tells the topic when it begins and when it ends', () => {
  operations?.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [Match.anyValue()], OKActions: [Match.anyValue()] });
});
