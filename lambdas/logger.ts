// The one logger: structured JSON, level by POWERTOOLS_LOG_LEVEL.
import { Logger } from '@aws-lambda-powertools/logger';

export const logger = new Logger({ serviceName: 'forestall' });
