// EC2's CreateSnapshots, which MiniStack lacks, made of the calls that it has. Not crash-consistent over volumes, unlike AWS's.
import { z } from 'zod';
import type { WireRequest } from './parse.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}
/** Sends a request to the emulator. */
export type Forward = (request: WireRequest) => Promise<WireAnswer>;

/** Answers a CreateSnapshots request: one CreateSnapshot for each volume of the instance that is not excluded, with the same description and tags. */
export async function createSnapshots(request: WireRequest, forward: Forward): Promise<WireAnswer> {
  const form = z.record(z.string(), z.string()).parse(Object.fromEntries(new URLSearchParams(request.body.toString())));
  const send = (fields: Record<string, string>) => {
    const body = Buffer.from(new URLSearchParams({ Version: form['Version'] ?? '2016-11-15', ...fields }).toString());
    return forward({ ...request, headers: { ...request.headers, 'content-length': String(body.length) }, body });
  };
  const instance = await send({ Action: 'DescribeInstances', 'InstanceId.1': form['InstanceSpecification.InstanceId'] ?? '' });
  if (instance.status >= 400) return instance;
  const excluded = new Set(Object.entries(form).flatMap(([key, value]) => (key.startsWith('InstanceSpecification.ExcludeDataVolumeId.') ? [value] : [])));
  const kept = Object.fromEntries(Object.entries(form).filter(([key]) => key === 'Description' || key.startsWith('TagSpecification.')));
  const items: string[] = [];
  for (const volumeId of volumesOf(instance.body.toString())) {
    if (excluded.has(volumeId)) continue;
    const made = await send({ Action: 'CreateSnapshot', VolumeId: volumeId, ...kept });
    if (made.status >= 400) return made;
    const inner = /<CreateSnapshotResponse[^>]*>([\s\S]*)<\/CreateSnapshotResponse>/.exec(made.body.toString())?.[1] ?? '';
    // There the state is called status.
    items.push(`<item>${inner.replace(/<requestId>[^<]*<\/requestId>/, '').replaceAll(/<(\/?)status>/g, '<$1state>')}</item>`);
  }
  const body = `<?xml version="1.0" encoding="UTF-8"?><CreateSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>gateway</requestId><snapshotSet>${items.join('')}</snapshotSet></CreateSnapshotsResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) };
}

const volumesOf = (xml: string): string[] => [...new Set([...xml.matchAll(/<volumeId>([^<]+)<\/volumeId>/g)].map(([, id]) => id ?? ''))];
