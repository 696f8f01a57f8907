// Asks a driver, with the failover's record kept in step: what is intended is written before anything is asked.
import { driverKey, type TrafficDriver } from '../../core/contracts/plan-drivers.ts';
import type { DriverRecord, FailoverRecord } from '../../core/contracts/records.ts';
import { type Session, updateRecord } from '../failover/session.ts';
import type { Services } from '../services.ts';
import type { DriverRequest, DriverState } from './port.ts';
import { driverOf } from './registry.ts';

/** @param percent share of the traffic for the receiving side (0-100) */
export async function askDriver(
  session: Session,
  settings: TrafficDriver,
  percent: number,
  services: Services,
): Promise<DriverState & { record: FailoverRecord }> {
  const { plan } = session;
  const key = driverKey(settings);
  const driver = driverOf(settings);
  const known = session.record.drivers[key];
  const request: DriverRequest<typeof settings.driver> = { plan, settings, record: session.record, known, to: session.record.to, percent, services };
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
