// The CDK app: reads the plans, makes the stacks, adds cdk-nag. Nothing else.
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError, readConfig } from '../lib/config.ts';
import { addStacks } from '../lib/protection.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  addStacks(app, readConfig(app.node, join(import.meta.dirname, '..')));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exit(2);
}
