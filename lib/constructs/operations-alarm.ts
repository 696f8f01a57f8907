// One alarm: explicit name, severity, what it means, where its runbook is, and the topic that tells somebody.
import { Alarm, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmName, type AlarmText, alarmTexts, anchorOf } from '../alarms.ts';

export interface OperationsAlarmProps extends Pick<AlarmProps, 'metric' | 'threshold' | 'evaluationPeriods' | 'comparisonOperator' | 'treatMissingData'> {
  readonly text: AlarmName;
  /** Tells alarms of one text apart, e.g. the queue or the machine. */
  readonly about?: string;
  readonly topic: ITopic;
}

export class OperationsAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, { text, about, topic, ...alarm }: OperationsAlarmProps) {
    const name = about === undefined ? text : `${text}-${about}`;
    super(scope, name);
    const { severity, meaning, runbook }: AlarmText = alarmTexts[text];
    this.alarm = new Alarm(this, 'Alarm', {
      ...alarm,
      alarmName: `forestall-${severity}-${name}`,
      alarmDescription: `[${severity}] ${meaning}${about === undefined ? '' : ` (${about})`} Runbook: ${anchorOf(runbook)}`,
    });
    this.alarm.addAlarmAction(new SnsAction(topic));
    this.alarm.addOkAction(new SnsAction(topic));
  }
}
