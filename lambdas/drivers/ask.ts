// Asks a driver, with the failover's record kept in step: what is intended is written before anything is asked.
import { type DriverName, type DriverOf, driverKey } from '../../core/contracts/plan-drivers.ts';
import type { DriverRecord, FailoverRecord } from '../../core/contracts/records.ts';
import { type Session, updateRecord } from '../failover/session.ts';
import type { Services } from '../services.ts';
import type { DriverPort, DriverRequest, DriverState } from './port.ts';

/**
 * @param percent share of the traffic for the receiving side (0-100)
 * @returns how far it is, and the record as it was written. Throws what the driver throws: the record says then what was intended.
 */
export async function askDriver<Name extends DriverName>(
  session: Session,
  driver: DriverPort<Name>,
  settings: DriverOf<Name>,
  percent: number,
  services: Services,
): Promise<DriverState & { readonly record: FailoverRecord }> {
  const { plan } = session;
  const key = driverKey(settings);
  const known = session.record.drivers[key];
  const request: DriverRequest<Name> = { plan, settings, record: session.record, known, to: session.record.to, percent, services };
  // Asked before, and under way: only how far it is.
  if (known?.status === 'under-way' && known.token !== undefined) {
    if (!(await driver.isDone(request, known.token))) return { state: 'under-way', token: known.token, record: session.record };
    return { state: 'done', token: known.token, record: await write({ ...known, status: 'done', at: session.at }) };
  }
  const token = driver.intent?.(request) ?? known?.token;
  // Since when it is asked, however often.
  const since = known && known.status !== 'done' ? known.at : session.at;
  await write({ status: 'intended', at: since, ...(token === undefined ? {} : { token }) });
  const answer = await driver.apply(request);
  const at = answer.state === 'done' ? session.at : since;
  return { ...answer, record: await write({ status: answer.state, at, ...(answer.token === undefined ? {} : { token: answer.token }) }) };

  async function write(driverRecord: DriverRecord): Promise<FailoverRecord> {
    const drivers = { ...session.record.drivers, [key]: driverRecord };
    await updateRecord(session, { drivers }, services);
    return { ...session.record, drivers };
  }
}
