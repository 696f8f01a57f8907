// Clients of the emulator: everything goes to its endpoint, and children of calculated checks arrive.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateHealthCheckCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterEach, describe, expect, it } from 'vitest';
import { EmulatorClients } from '../../../e2e/world/clients.ts';

const requests: { body: string; authorization: string }[] = [];
let server: Server | undefined;
let clients: EmulatorClients | undefined;

async function connect(answer: string): Promise<EmulatorClients> {
  requests.length = 0;
  server = createServer(async (request, response) => {
    requests.push({ body: await text(request), authorization: request.headers.authorization ?? '' });
    response.writeHead(200, { 'content-type': 'text/xml' }).end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  clients = new EmulatorClients(`http://127.0.0.1:${address.port}`);
  return clients;
}

afterEach(() => {
  clients?.close();
  server?.closeAllConnections();
  server?.close();
});

describe('EmulatorClients', () => {
  it('go to the endpoint in the Region that was asked for, one client each', async () => {
    const made = await connect('<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>');
    const client = made.client(EC2Client, 'eu-west-1');
    await client.send(new DescribeInstancesCommand({}));
    expect(requests[0]?.authorization).toContain('/eu-west-1/ec2/');
    expect(made.client(EC2Client, 'eu-west-1')).toBe(client);
    expect(made.client(EC2Client, 'eu-central-1')).not.toBe(client);
  });

  it('put the children of a calculated check where the emulator reads them', async () => {
    const made = await connect('<CreateHealthCheckResponse><HealthCheck><Id>one</Id></HealthCheck></CreateHealthCheckResponse>');
    await made.client(Route53Client, 'us-east-1').send(
      new CreateHealthCheckCommand({
        CallerReference: 'e2e',
        HealthCheckConfig: { Type: 'CALCULATED', ChildHealthChecks: ['first', 'second'], HealthThreshold: 2 },
      }),
    );
    const nested = (id: string) => `<ChildHealthCheck><ChildHealthCheck>${id}</ChildHealthCheck></ChildHealthCheck>`;
    expect(requests[0]?.body).toContain(`<ChildHealthChecks>${nested('first')}${nested('second')}</ChildHealthChecks>`);
  });
});
