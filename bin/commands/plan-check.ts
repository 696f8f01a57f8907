// plan:check: tells whether plans are valid, and if not, where and what to do.
import { parseArgs } from 'node:util';
import type { PlanCheck } from '../../core/contracts/plan-source.ts';
import { type Command, InputError } from './command.ts';
import { checkPlanFiles, formatProblem } from './plan-files.ts';

export const command: Command = {
  usage: `npm run -s plan:check -- FILE... [--json]

Checks plans. Valid files are named on stdout, mistakes on stderr as FILE:LINE:COLUMN.
  --json   {files: [{file, valid, errors: [{path, line, column, problem, remedy}]}]} on stdout (docs/schemas/plan-check.schema.json)
Exit code: 0 when every file is valid, else 2.`,
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
    if (positionals.length === 0) throw new InputError('no plan given; name one or more files, as in plans/shop.yaml');
    const checked = checkPlanFiles(positionals);
    if (values.json) {
      const result: PlanCheck = { files: checked.map(({ file, errors }) => ({ file, valid: errors.length === 0, errors })) };
      console.log(JSON.stringify(result, null, 2));
    } else
      for (const { file, plan, errors } of checked)
        if (plan !== undefined && errors.length === 0) console.log(`${file}: valid (service ${plan.service}, mode ${plan.mode})`);
        else for (const error of errors) console.error(formatProblem(file, error));
    return checked.every(({ errors }) => errors.length === 0) ? 0 : 2;
  },
};
