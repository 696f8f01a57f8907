// Where the stacks take code and workflows from.
import { join } from 'node:path';
import { projectRoot } from '../constructs/function.ts';

export interface SourceFolders {
  /** One folder per function, with handler.ts. */
  readonly handlers: string;
  /** <name>.asl.json */
  readonly workflows: string;
}

export const projectSources: SourceFolders = { handlers: join(projectRoot, 'lambdas'), workflows: join(projectRoot, 'statemachines') };
