// Reads the XML of a request body: elements and text, which is all that the SDK writes.

export interface Element {
  readonly name: string;
  /** Its own text, references resolved. */
  readonly text: string;
  readonly children: readonly Element[];
}

/** The text is not the XML of one element. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const token = /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<\/([^\s>]+)\s*>|<([^\s/>]+)(?:\s[^>]*?)?(\/?)>|([^<]+)/gy;
const references: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Attributes are left out: a request's only one is its namespace. Throws XmlError. */
export function readXml(xml: string): Element {
  const open: { name: string; text: string; children: Element[] }[] = [{ name: '', text: '', children: [] }];
  token.lastIndex = 0;
  let read = 0;
  for (const [all, closing, opening, empty, text] of xml.matchAll(token)) {
    read += all.length;
    const current = open.at(-1);
    if (current === undefined) break;
    if (text !== undefined) current.text += resolved(text);
    else if (opening !== undefined) {
      const element = { name: opening, text: '', children: [] };
      current.children.push(element);
      if (empty === '') open.push(element);
    } else if (closing !== undefined) {
      if (current.name !== closing) throw new XmlError(`</${closing}> closes <${current.name}>`);
      open.pop();
    }
  }
  const [root, ...rest] = open;
  const element = root?.children[0];
  if (read !== xml.length || rest.length > 0 || element === undefined) throw new XmlError(`not XML of one element: ${xml.slice(0, 200)}`);
  return element;
}

const resolved = (text: string) =>
  text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return references[name] ?? whole;
    return String.fromCodePoint(name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
