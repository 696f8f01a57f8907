// Forecasting libraries that a user might take instead: their forecasts of one hour from the last day of means, and what they cost.
import { readFileSync } from 'node:fs';

/** Forecasts `steps` values from a history without gaps; throws when it finds no model. */
export interface Library {
  readonly name: string;
  /** milliseconds to load it, once for each cold start */
  readonly loading: number;
  /** bytes of its WebAssembly */
  readonly bytes: number;
  forecast(history: readonly number[], steps: number): ArrayLike<number>;
}

const wasm = (module: string, file: string) => readFileSync(new URL(file, import.meta.resolve(module)));

async function arima(): Promise<Library> {
  const began = performance.now();
  const { default: Arima } = await import('arima');
  const loading = performance.now() - began;
  return {
    name: 'arima 0.2.8, ARIMA(2,1,2) by conditional sum of squares',
    loading,
    bytes: wasm('arima', 'wasm/native.wasm').byteLength,
    forecast(history, steps) {
      const model = new Arima({ p: 2, d: 1, q: 2, method: 1, verbose: false });
      const [values] = model.train([...history]).predict(steps);
      model.destroy();
      return values;
    },
  };
}

async function augurs(): Promise<Library> {
  const began = performance.now();
  const { AutoETS, initSync } = await import('@bsull/augurs/ets');
  const module = wasm('@bsull/augurs/ets', 'ets_bg.wasm');
  initSync({ module });
  const loading = performance.now() - began;
  return {
    name: '@bsull/augurs 0.10.2, AutoETS without season',
    loading,
    bytes: module.byteLength,
    forecast(history, steps) {
      const model = new AutoETS(1, 'ZZN');
      try {
        model.fit(Float64Array.from(history));
        return model.predict(steps).point;
      } finally {
        model.free();
      }
    },
  };
}

export const libraries = (): Promise<Library[]> => Promise.all([arima(), augurs()]);
