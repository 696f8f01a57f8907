// Reads the query forms of EC2, Elastic Load Balancing and SNS (`TagSpecification.1.Tag.2.Key=...`).
import { type Schema, schemaOf, type Traits, UnknownCallError } from './sdk-schema.ts';
import { scalar } from './wire-scalar.ts';

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** @param form names and values as they were sent, `Action` and `Version` included or not. @param at for messages */
export function fromForm(schema: Schema, form: Readonly<Record<string, unknown>>, at: string): unknown {
  const root: Node = { children: new Map() };
  for (const [key, value] of Object.entries(form)) {
    if (key === 'Action' || key === 'Version') continue;
    let node = root;
    for (const part of key.split('.')) {
      const next: Node = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, next);
      node = next;
    }
    node.value = String(value);
  }
  return new FormReader(at).read(schema, root, at) ?? {};
}

class FormReader {
  /** EC2 writes all lists without a word between name and number, and capitalises the names of members. */
  readonly #ec2: boolean;

  constructor(at: string) {
    this.#ec2 = at.startsWith('ec2:');
  }

  read(schema: Schema, node: Node, path: string): unknown {
    const { shape, traits } = schema;
    if (shape.kind === 'structure') {
      const members = new Map([...shape.members].map(([name, reference]) => [this.#memberName(name, schemaOf(reference).traits), { name, reference }]));
      const found: Record<string, unknown> = {};
      for (const [key, child] of node.children) {
        const member = members.get(key);
        if (member === undefined) throw new UnknownCallError(`${path} has a parameter '${key}' that the SDK's model does not have`);
        found[member.name] = this.read(schemaOf(member.reference), child, `${path}.${member.name}`);
      }
      return found;
    }
    if (shape.kind === 'list') {
      const member = schemaOf(shape.member);
      const items = this.#ec2 || traits.xmlFlattened ? node : node.children.get(this.#wireName('member', member.traits));
      return numbered(items, path).map((item, index) => this.read(member, item, `${path}[${index}]`));
    }
    if (shape.kind === 'map') {
      const [key, value] = [schemaOf(shape.key), schemaOf(shape.value)];
      const entries = numbered(traits.xmlFlattened ? node : node.children.get('entry'), path).map((entry) => {
        const named = (name: string, { traits: own }: Schema) => entry.children.get(this.#wireName(name, own));
        const content = named('value', value);
        return [named('key', key)?.value ?? '', content && this.read(value, content, `${path}.value`)] as const;
      });
      return Object.fromEntries(entries);
    }
    if (node.value === undefined || node.children.size > 0)
      throw new UnknownCallError(`${path} is a ${shape.kind} by the SDK's model, but came as a structure`);
    return scalar(shape.kind, node.value);
  }

  #memberName(name: string, traits: Traits): string {
    const wire = this.#wireName(name, traits);
    return this.#ec2 && traits.ec2QueryName === undefined ? wire.charAt(0).toUpperCase() + wire.slice(1) : wire;
  }

  #wireName(name: string, traits: Traits): string {
    return (this.#ec2 ? traits.ec2QueryName : undefined) ?? traits.xmlName ?? name;
  }
}

/** Children `1`, `2`, ... in their order. Nothing, or an empty value, is an empty list. */
function numbered(node: Node | undefined, path: string): Node[] {
  if (node === undefined) return [];
  const entries = [...node.children].map(([key, child]) => [Number(key), child] as const);
  if (entries.some(([number]) => !Number.isInteger(number))) throw new UnknownCallError(`${path} is a list by the SDK's model, but has named parameters`);
  return entries.sort(([a], [b]) => a - b).map(([, child]) => child);
}
