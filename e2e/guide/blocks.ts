// The commands of a Markdown page: its fenced `sh` blocks in order, and which of them cannot be run on the emulator.

export interface Block {
  /** The nearest heading above. */
  readonly heading: string;
  /** Line of the first command in the page, from 1. */
  readonly line: number;
  readonly commands: string;
  /** `not run` or `replaced by NAME`, in an HTML comment right before the block that readers do not see. */
  readonly instead?: { readonly standIn: string | undefined; readonly reason: string };
}

/** The page has a block or a note that cannot be understood. */
export class GuideError extends Error {
  override readonly name = 'GuideError';
}

/** Reads a page. Blocks in lists are indented; the indentation is taken off. Throws GuideError with the line. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let note: { instead: NonNullable<Block['instead']>; line: number } | undefined;
  let open: { fence: string; indent: string; sh: boolean; line: number; lines: string[] } | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    const line = index + 1;
    if (open !== undefined) {
      if (text.trim() !== open.fence) {
        open.lines.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
        continue;
      }
      if (open.sh) blocks.push({ heading, line: open.line, commands: open.lines.join('\n'), ...(note === undefined ? {} : { instead: note.instead }) });
      note = undefined;
      open = undefined;
      continue;
    }
    const [, indent = '', fence, language = ''] = /^( *)(```+)(\w*)$/.exec(text) ?? [];
    if (fence !== undefined) {
      if (note !== undefined && language !== 'sh')
        throw new GuideError(`line ${note.line}: a note about a block of commands stands before another kind of block`);
      open = { fence, indent, sh: language === 'sh', line: line + 1, lines: [] };
      continue;
    }
    if (note !== undefined && text.trim() !== '') throw new GuideError(`line ${note.line}: a note has to stand right before its block`);
    const marked = /^ *<!-- (not run|replaced by ([a-z-]+)): (.+) -->$/.exec(text);
    if (marked !== null) note = { instead: { standIn: marked[2], reason: marked[3] ?? '' }, line };
    else if (/^ *<!-- *(not run|replaced)/.test(text))
      throw new GuideError(`line ${line}: write <!-- not run: reason --> or <!-- replaced by name: reason -->`);
    else heading = /^#+ (.+)$/.exec(text)?.[1] ?? heading;
  }
  if (open !== undefined) throw new GuideError(`line ${open.line}: the block is not closed`);
  return blocks;
}
