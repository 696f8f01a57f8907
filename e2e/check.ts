// What the test on the emulator asserts, one fact at a time, and how it is counted.

/** One fact that was looked at. `detail`: what was found instead. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
}

/** Counts checks and tells of each as it is made. */
export class Tally {
  readonly #print: (line: string) => void;
  #passed = 0;
  readonly #failed: string[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed.length;
  }

  add(checks: readonly Check[]): void {
    for (const { name, ok, detail } of checks) {
      if (ok) this.#passed++;
      else this.#failed.push(name);
      this.#print(`  ${ok ? 'ok    ' : 'FAILED'} ${name}${ok || detail === undefined ? '' : `\n         ${detail.replaceAll('\n', '\n         ')}`}`);
    }
  }

  /** Does a part of the run under a heading. An error in it is a failed check, and the rest goes on; resolves with undefined then. */
  async part<Value>(heading: string, work: () => Promise<Value>): Promise<Value | undefined> {
    this.#print(`\n== ${heading}`);
    const began = Date.now();
    try {
      return await work();
    } catch (error) {
      this.add([{ name: heading, ok: false, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }]);
      return undefined;
    } finally {
      this.#print(`-- ${((Date.now() - began) / 1000).toFixed(0)} s`);
    }
  }

  /** `N passed, N failed`, the line that counts. */
  get line(): string {
    return `${this.#passed} passed, ${this.failed} failed`;
  }
}
