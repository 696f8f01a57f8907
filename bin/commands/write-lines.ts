// Writes many lines to a stream that may be slow, or closed by its reader.
import type { Writable } from 'node:stream';

const chunkLength = 1 << 16;

/**
 * Writes every line, waiting for the stream after each chunk. Ends quietly when the reader has gone (as `head` does).
 * @returns false when the reader went before the end
 */
export async function writeLines(stream: Writable, lines: Iterable<string>): Promise<boolean> {
  // Whoever writes is told by the callback; without a listener the event would end the process.
  const ignore = () => {};
  stream.on('error', ignore);
  try {
    const write = (chunk: string) => new Promise<Error | null | undefined>((resolve) => stream.write(chunk, resolve));
    let chunk = '';
    for (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < chunkLength) continue;
      const error = await write(chunk);
      chunk = '';
      if (error) return gone(error);
    }
    const error = chunk === '' ? undefined : await write(chunk);
    return error ? gone(error) : true;
  } finally {
    stream.off('error', ignore);
  }
}

function gone(error: Error): false {
  if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) return false;
  throw error;
}
