// One Lambda function: the bundle of lambdas/<name>, a role with exactly its grants, its log group, and a queue for what it could not handle.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionName, functions } from '../../core/contracts/deployment.ts';
import type { ControlRegion } from '../config.ts';
import { grants } from '../grants.ts';
import { deadLetterQueueName, functionEnvironment, functionLogGroup, functionName } from '../names.ts';
import { toStatement } from '../permissions/allowed.ts';
import { permissions } from '../permissions/permissions.ts';
import { acknowledgeWildcards, wildcardReasons } from './acknowledge.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';

export const projectRoot = join(import.meta.dirname, '..', '..');

export interface ForestallFunctionProps {
  readonly name: FunctionName;
  readonly control: ControlRegion;
  /** Folder with one folder per function; default: lambdas/ of the project. */
  readonly handlers?: string | undefined;
}

export class ForestallFunction extends Construct {
  readonly function: NodejsFunction;
  /** For functions that are called asynchronously; what calls them puts there what it cannot deliver. */
  readonly deadLetters: IQueue | undefined;

  constructor(scope: Construct, { name, control, handlers = join(projectRoot, 'lambdas') }: ForestallFunctionProps) {
    super(scope, name);
    const entry = join(handlers, name, 'handler.ts');
    if (!existsSync(entry)) throw new Error(`there is no ${entry}: every function of core/contracts/deployment.ts needs a handler`);
    const { trigger, timeoutSeconds, memoryMb } = functions[name];
    const asynchronous = trigger === 'schedule' || trigger === 'rule';

    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: functionLogGroup(name),
      retention: RetentionDays.THREE_MONTHS,
      // The record of every failover is in DynamoDB, which is kept.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description: `Forestall: ${name}` });
    logGroup.grantWrite(role);
    const allowed = grants[name].flatMap((permission) => permissions[permission](control));
    for (const statement of allowed) role.addToPolicy(toStatement(statement));
    const tracing = { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'], wildcard: wildcardReasons.tracing };
    acknowledgeWildcards(this, [...allowed, tracing]);

    this.deadLetters = asynchronous ? new DeadLetterQueue(this, 'DeadLetters', deadLetterQueueName(name)).queue : undefined;
    this.function = new NodejsFunction(this, 'Function', {
      functionName: functionName(name),
      description: `Forestall: ${name}`,
      entry,
      projectRoot,
      depsLockFilePath: join(projectRoot, 'package-lock.json'),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(timeoutSeconds),
      memorySize: memoryMb,
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: { ...functionEnvironment(control.region), NODE_OPTIONS: '--enable-source-maps' },
      bundling: {
        logLevel: LogLevel.ERROR,
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        bundleAwsSDK: true,
        minify: true,
        sourceMap: true,
        sourceMapMode: SourceMapMode.DEFAULT,
        sourcesContent: false,
        // Some dependencies are CommonJS inside the ES module and call require.
        banner: "import{createRequire as forestallRequire}from'node:module';const require=forestallRequire(import.meta.url);",
      },
      ...(this.deadLetters === undefined ? {} : { deadLetterQueue: this.deadLetters, ...asynchronousRetries[trigger === 'schedule' ? 'schedule' : 'rule'] }),
    });
  }

  /** Statement for a role that calls the function. */
  invokeStatement(): PolicyStatement {
    return new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] });
  }
}

/** A tick that could not be handled within its minutes is overtaken by the next one; an event is not. */
const asynchronousRetries = {
  schedule: { retryAttempts: 0, maxEventAge: Duration.minutes(1) },
  rule: { retryAttempts: 2, maxEventAge: Duration.hours(1) },
} as const;
