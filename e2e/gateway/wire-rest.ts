// Reads Route 53's requests: parameters in the path, in the query and in an XML body.
import { type Schema, schemaOf, type Traits, UnknownCallError } from './sdk-schema.ts';
import { scalar } from './wire-scalar.ts';
import { type Element, readXml } from './wire-xml.ts';

/** @param request `{ path, method, xml }`: `path` with its query if there is one, `xml` the body's text. @param at for messages */
export function fromRest({ shape }: Schema, { http }: Traits, request: Readonly<Record<string, unknown>>, at: string): unknown {
  if (shape.kind !== 'structure' || http === undefined) throw new UnknownCallError(`${at} is not a REST operation in the SDK's model`);
  const url = new URL(String(request['path'] ?? ''), 'http://localhost');
  const found: Record<string, unknown> = labels(http[1], url.pathname, at);
  for (const [name, reference] of shape.members) {
    const { traits, shape: member } = schemaOf(reference);
    const value = traits.httpQuery === undefined ? null : url.searchParams.get(traits.httpQuery);
    if (value !== null) found[name] = scalar(member.kind, value);
  }
  const xml = request['xml'];
  if (typeof xml === 'string' && xml.trim() !== '') Object.assign(found, structure(shape, readXml(xml), at));
  return found;
}

/** `/2013-04-01/hostedzone/{HostedZoneId}/rrset` against the path that was asked. */
function labels(pattern: string, path: string, at: string): Record<string, string> {
  const [wanted, given] = [pattern.split('?')[0]?.split('/') ?? [], path.split('/')];
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const label = /^\{(\w+)\+?\}$/.exec(part)?.[1];
    const value = given[index];
    if (label !== undefined && value !== undefined) found[label] = decodeURIComponent(value);
    else if (part !== value) throw new UnknownCallError(`${at}: the path '${path}' is not of the form '${pattern}'`);
  }
  return found;
}

function structure({ members }: Extract<Schema['shape'], { kind: 'structure' }>, element: Element, path: string): Record<string, unknown> {
  const byName = new Map([...members].map(([name, reference]) => [schemaOf(reference).traits.xmlName ?? name, { name, reference }]));
  const found: Record<string, unknown> = {};
  for (const child of element.children) {
    const member = byName.get(child.name);
    if (member === undefined) throw new UnknownCallError(`${path} has an element '${child.name}' that the SDK's model does not have`);
    const schema = schemaOf(member.reference);
    const at = `${path}.${member.name}`;
    if (schema.shape.kind === 'list' && schema.traits.xmlFlattened) {
      const items = (found[member.name] ?? []) as unknown[];
      found[member.name] = [...items, content(schemaOf(schema.shape.member), child, at)];
    } else found[member.name] = content(schema, child, at);
  }
  return found;
}

function content({ shape }: Schema, element: Element, path: string): unknown {
  if (shape.kind === 'structure') return structure(shape, element, path);
  if (shape.kind === 'list') {
    const member = schemaOf(shape.member);
    return element.children.map((child, index) => content(member, child, `${path}[${index}]`));
  }
  if (shape.kind === 'map') throw new UnknownCallError(`${path}: maps in XML are not read yet; teach e2e/gateway/wire-rest.ts`);
  return scalar(shape.kind, element.text);
}
