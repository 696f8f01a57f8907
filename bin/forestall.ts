// The operator's command line. Each command is a file of commands/.
import { type Command, InputError } from './commands/command.ts';

const commands: Record<string, () => Promise<{ command: Command }>> = {
  rehearse: () => import('./commands/rehearse.ts'),
  backtest: () => import('./commands/backtest.ts'),
  train: () => import('./commands/train.ts'),
  chaos: () => import('./commands/chaos.ts'),
  'failover:approve': () => import('./commands/failover-approve.ts'),
  'service:pause': () => import('./commands/service-pause.ts'),
  'plan:check': () => import('./commands/plan-check.ts'),
  'plan:apply': () => import('./commands/plan-apply.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (load === undefined) {
  console.error(`forestall: ${name === '' ? 'no command given' : `unknown command '${name}'`}; use one of ${Object.keys(commands).join(', ')}`);
  process.exitCode = 2;
} else {
  const { command } = await load();
  try {
    if (args.includes('--help')) console.log(command.usage);
    else process.exitCode = await command.run(args);
  } catch (error) {
    // parseArgs reports unknown and malformed options with these codes.
    const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!(error instanceof InputError) && !usage) throw error;
    console.error(`forestall ${name}: ${error.message}${usage ? `\n${command.usage}` : ''}`);
    process.exitCode = 2;
  }
}
