// EC2's client tokens, which MiniStack ignores: the same request again is answered with what the first one made.
import { createHash } from 'node:crypto';
import type { WireAnswer } from './create-snapshots.ts';
import type { WireCall } from './parse.ts';

interface First {
  readonly parameters: string;
  readonly answer: Promise<WireAnswer>;
}

export class ClientTokens {
  readonly #first = new Map<string, First>();

  /** Answers a call of EC2. Without a token, or the first time, it is sent; a first call that was refused is forgotten, as by AWS. */
  async answer({ region, operation, input }: WireCall, send: () => Promise<WireAnswer>): Promise<WireAnswer> {
    const { ClientToken, ...parameters } = input as Readonly<Record<string, string>>;
    if (ClientToken === undefined) return send();
    const key = `${region} ${operation} ${ClientToken}`;
    const digest = createHash('sha256')
      .update(JSON.stringify(Object.entries(parameters).sort()))
      .digest('hex');
    const known = this.#first.get(key);
    if (known !== undefined) return known.parameters === digest ? known.answer : mismatch;
    // Also for a second call that comes before the first one is answered.
    const first = { parameters: digest, answer: send() };
    this.#first.set(key, first);
    try {
      const answer = await first.answer;
      if (answer.status >= 400) this.#first.delete(key);
      return answer;
    } catch (error) {
      this.#first.delete(key);
      throw error;
    }
  }
}

const mismatch: WireAnswer = {
  status: 400,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>IdempotentParameterMismatch</Code><Message>The request uses the same client token as a previous, but non-identical request.</Message></Error></Errors><RequestID>gateway</RequestID></Response>',
  ),
};
