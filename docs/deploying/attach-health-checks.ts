// Makes a change batch that attaches health checks to records, or detaches them, and changes nothing else: record sets as JSON on stdin,
// the batch on stdout. Arguments: SetIdentifier=HealthCheckId for each record; SetIdentifier= detaches.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const RecordSets = z.array(z.looseObject({ Name: z.string(), SetIdentifier: z.string(), HealthCheckId: z.string().optional() }));

interface Change {
  readonly Action: 'CREATE' | 'DELETE';
  readonly ResourceRecordSet: Readonly<Record<string, unknown>>;
}

/**
 * Deletes each record exactly as it was read and creates it with the other check: Route 53 refuses the batch when anybody changed a record meanwhile.
 * Throws when a record has no check named for it, a check has no record, or nothing is to be changed.
 */
export function attachHealthChecks(recordSets: unknown, checks: ReadonlyMap<string, string>): { Changes: Change[] } {
  const records = RecordSets.parse(recordSets);
  const absent = [...checks.keys()].filter((identifier) => !records.some(({ SetIdentifier }) => SetIdentifier === identifier));
  if (absent.length > 0) throw new Error(`there is no record with the SetIdentifier ${absent.join(', ')}; give the name's weighted records on stdin`);
  const Changes = records.flatMap((record): Change[] => {
    const id = checks.get(record.SetIdentifier);
    if (id === undefined) throw new Error(`name a health check for the record ${record.SetIdentifier}, as in ${record.SetIdentifier}=ID`);
    const { HealthCheckId, ...rest } = record;
    if ((HealthCheckId ?? '') === id) return [];
    return [
      { Action: 'DELETE', ResourceRecordSet: record },
      { Action: 'CREATE', ResourceRecordSet: id === '' ? rest : { ...rest, HealthCheckId: id } },
    ];
  });
  // Route 53 refuses an empty batch, with a less helpful message.
  if (Changes.length === 0) throw new Error('nothing to change: every record has the health check that is named for it');
  return { Changes };
}

if (import.meta.main) {
  const checks = process.argv.slice(2).map((argument): [string, string] => {
    const [identifier = '', id = ''] = argument.split('=');
    return [identifier, id];
  });
  process.stdout.write(`${JSON.stringify(attachHealthChecks(JSON.parse(readFileSync(0, 'utf8')), new Map(checks)))}\n`);
}
