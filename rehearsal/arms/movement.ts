// When traffic began to leave the primary, and when it had left.
import type { Tick } from '../world/world.ts';

/** A side that gets less than this share of the requests has been left. */
export const leftBelow = 0.01;

/** Watches the ticks of an arm. Times in ms, null until it happens. */
export class Movement {
  firstShiftAt: number | null = null;
  movedAt: number | null = null;
  /** As `movedAt`, of the requests of users whose resolvers honour the TTL. */
  honouringMovedAt: number | null = null;
  /** As `movedAt`, of the answers that those resolvers hold: new connections go elsewhere. */
  lookUpsMovedAt: number | null = null;
  answer = 1;

  observe(tick: Pick<Tick, 'at' | 'answer' | 'primaryShare' | 'honouring'>): void {
    this.answer = tick.answer;
    if (this.firstShiftAt === null && tick.answer < 1) this.firstShiftAt = tick.at;
    if (this.firstShiftAt === null) return;
    if (tick.primaryShare < leftBelow) this.movedAt ??= tick.at;
    if (tick.honouring.requests < leftBelow) this.honouringMovedAt ??= tick.at;
    if (tick.honouring.lookUps < leftBelow) this.lookUpsMovedAt ??= tick.at;
  }
}
