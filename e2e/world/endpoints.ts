// An HTTP server per side on loopback, which answers as the side would: status and latency from the world, in real time.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { SideName } from '../../core/contracts/plan.ts';
import { type Answer, answersOf } from '../../rehearsal/arms/endpoints.ts';
import type { SideMoment } from '../../rehearsal/world/side.ts';
import { sideNames } from '../../rehearsal/world/world.ts';

/** Made before the plan, which names them; the world comes later. Until then, every side answers 200 at once. */
export class SideEndpoints {
  /** Protocol, host and port of each side. */
  readonly origins: Readonly<Record<SideName, string>>;
  /** Requests that came, by side. */
  readonly received: Readonly<Record<SideName, number>>;
  readonly #servers: readonly Server[];
  #answer: (side: SideName) => Answer = () => ({ status: 200, afterSeconds: 0 });
  #look: () => Promise<void> = async () => {};

  /** Listens on two free ports of 127.0.0.1. */
  static async start(): Promise<SideEndpoints> {
    const answering: { by?: SideEndpoints } = {};
    const servers = await Promise.all(sideNames.map((side) => listen(async (response) => answering.by?.respond(side, response))));
    answering.by = new SideEndpoints(servers);
    return answering.by;
  }

  private constructor(servers: readonly Server[]) {
    this.#servers = servers;
    const origin = (index: number) => {
      const address = servers[index]?.address();
      if (address === null || address === undefined || typeof address === 'string') throw new Error('a server of a side has no port');
      return `http://127.0.0.1:${address.port}`;
    };
    this.origins = { primary: origin(0), standby: origin(1) };
    this.received = { primary: 0, standby: 0 };
  }

  /** From now on the sides answer as the world has them. `look` is awaited before each answer: the world may have to see what has just changed. */
  follow(seed: number, momentOf: (side: SideName) => SideMoment, look: () => Promise<void>): void {
    this.#answer = answersOf(seed, momentOf);
    this.#look = look;
  }

  private async respond(side: SideName, response: ServerResponse): Promise<void> {
    (this.received as Record<SideName, number>)[side] += 1;
    await this.#look();
    const answer = this.#answer(side);
    // An unreachable side lets its callers wait until they give up.
    if (answer === undefined) return;
    const timer = setTimeout(() => response.writeHead(answer.status).end(), answer.afterSeconds * 1000);
    response.once('close', () => clearTimeout(timer));
  }

  /** Breaks what is still open. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#servers.map(async (server) => {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }),
    );
  }
}

async function listen(respond: (response: ServerResponse) => Promise<void>): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    // A world that cannot answer breaks the connection, not the whole run: its own loop tells what is wrong.
    respond(response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
