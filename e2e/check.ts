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
  readonly #parts = new Map<string, { passed: number; failed: number }>();
  #heading = '';

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed.length;
  }

  /** By heading, in the order in which they came. */
  get parts(): ReadonlyMap<string, { readonly passed: number; readonly failed: number }> {
    return this.#parts;
  }

  add(checks: readonly Check[]): void {
    for (const { name, ok, detail } of checks) {
      const part = this.#parts.get(this.#heading) ?? { passed: 0, failed: 0 };
      this.#parts.set(this.#heading, part);
      part[ok ? 'passed' : 'failed']++;
      if (ok) this.#passed++;
      else this.#failed.push(name);
      this.#print(`  ${ok ? 'ok    ' : 'FAILED'} ${name}${ok || detail === undefined ? '' : `\n         ${detail.replaceAll('\n', '\n         ')}`}`);
    }
  }

  /** Prints what is for reading only. */
  note(text: string): void {
    this.#print(text);
  }

  /** Adds what was counted elsewhere. */
  merge(heading: string, { passed, failed }: { readonly passed: number; readonly failed: number }): void {
    this.#parts.set(heading, { passed, failed });
    this.#passed += passed;
    for (let count = 0; count < failed; count++) this.#failed.push(heading);
  }

  /** Does a part of the run under a heading. An error in it is a failed check, and the rest goes on; resolves with undefined then. */
  async part<Value>(heading: string, work: () => Promise<Value>): Promise<Value | undefined> {
    this.#heading = heading;
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
