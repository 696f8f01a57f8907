// Route 53 health checks: their configuration. The world's checkers decide their status.
import type { CreateHealthCheckCommandInput, HealthCheck, HealthCheckConfig } from '@aws-sdk/client-route-53';
import { NotSimulatedError } from './call.ts';
import type { HealthCheckView } from './cloud.ts';
import type { Draws } from './draw.ts';
import type { Faults } from './fault.ts';

type AlarmLookup = (region: string, name: string) => { readonly ExtendedStatistic?: string | undefined } | undefined;

export class HealthChecks {
  readonly #checks = new Map<string, HealthCheck>();
  /** What each was created with, to tell a repeated request from another one. */
  readonly #asked = new Map<string, string>();
  readonly #draws: Draws;
  readonly #fault: Faults;
  readonly #alarm: AlarmLookup;

  constructor(draws: Draws, fault: Faults, alarm: AlarmLookup) {
    this.#draws = draws;
    this.#fault = fault;
    this.#alarm = alarm;
  }

  /** Adds a check under a given id. Throws as CreateHealthCheck does. */
  add(id: string, config: HealthCheckConfig, reference: string): HealthCheck {
    this.#validate(config);
    const check: HealthCheck = { Id: id, CallerReference: reference, HealthCheckConfig: withDefaults(config), HealthCheckVersion: 1 };
    this.#checks.set(id, check);
    this.#asked.set(id, JSON.stringify(config));
    return check;
  }

  create(input: CreateHealthCheckCommandInput): object {
    const { CallerReference = '', HealthCheckConfig = { Type: undefined } } = input;
    const known = [...this.#checks.values()].find((check) => check.CallerReference === CallerReference);
    if (known) {
      if (this.#asked.get(known.Id ?? '') === JSON.stringify(HealthCheckConfig)) return { HealthCheck: known, Location: locationOf(known.Id) };
      throw this.#fault('HealthCheckAlreadyExists', 'A health check with this caller reference exists with other settings.', { status: 409 });
    }
    const digits = this.#draws.hex(32, 'route53/health-check', CallerReference);
    const id = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
    return { HealthCheck: this.add(id, HealthCheckConfig, CallerReference), Location: locationOf(id) };
  }

  get(id: string): object {
    this.requireKnown(id);
    return { HealthCheck: this.#checks.get(id) };
  }

  /** Throws NoSuchHealthCheck for an id that is given and not known. */
  requireKnown(id: string | undefined): void {
    if (id !== undefined && !this.#checks.has(id)) throw this.#fault('NoSuchHealthCheck', `A health check with id ${id} does not exist.`, { status: 404 });
  }

  views(): HealthCheckView[] {
    return [...this.#checks].map(([id, { HealthCheckConfig: config }]) => ({
      id,
      type: config?.Type ?? '',
      url: urlOf(config),
      requestIntervalSeconds: config?.RequestInterval ?? 30,
      failureThreshold: config?.FailureThreshold ?? 3,
      children: config?.ChildHealthChecks ?? [],
      healthThreshold: config?.HealthThreshold ?? 0,
      alarm: config?.AlarmIdentifier && { name: config.AlarmIdentifier.Name ?? '', region: config.AlarmIdentifier.Region ?? '' },
      insufficientData: config?.InsufficientDataHealthStatus,
      inverted: config?.Inverted ?? false,
      disabled: config?.Disabled ?? false,
    }));
  }

  #validate(config: HealthCheckConfig): void {
    const invalid = (message: string) => this.#fault('InvalidInput', message);
    switch (config.Type) {
      case 'HTTP':
      case 'HTTPS':
        if (!config.FullyQualifiedDomainName && !config.IPAddress) throw invalid('An endpoint check needs FullyQualifiedDomainName or IPAddress.');
        if (config.RequestInterval !== undefined && ![10, 30].includes(config.RequestInterval)) throw invalid('RequestInterval must be 10 or 30.');
        if (config.FailureThreshold !== undefined && (config.FailureThreshold < 1 || config.FailureThreshold > 10))
          throw invalid('FailureThreshold must be 1 to 10.');
        return;
      case 'CALCULATED':
        for (const child of config.ChildHealthChecks ?? []) this.requireKnown(child);
        if ((config.ChildHealthChecks?.length ?? 0) > 256) throw invalid('A calculated check has at most 256 children.');
        return;
      case 'CLOUDWATCH_METRIC': {
        const { Region = '', Name = '' } = config.AlarmIdentifier ?? {};
        const alarm = this.#alarm(Region, Name);
        if (!alarm) throw invalid(`The alarm ${Name} does not exist in Region ${Region}.`);
        if (alarm.ExtendedStatistic !== undefined) throw invalid('Route 53 cannot monitor an alarm with an extended statistic.');
        return;
      }
      default:
        throw new NotSimulatedError(`route53: health checks of type ${config.Type} are not simulated`);
    }
  }
}

const locationOf = (id: string | undefined) => `https://route53.amazonaws.com/2013-04-01/healthcheck/${id}`;

/** What Route 53 fills in. */
function withDefaults(config: HealthCheckConfig): HealthCheckConfig {
  const always = { Inverted: false, Disabled: false };
  if (config.Type !== 'HTTP' && config.Type !== 'HTTPS') return { ...always, ...config };
  const secure = config.Type === 'HTTPS';
  return { ...always, Port: secure ? 443 : 80, RequestInterval: 30, FailureThreshold: 3, MeasureLatency: false, EnableSNI: secure, ...config };
}

function urlOf(config: HealthCheckConfig | undefined): string | undefined {
  if (config?.Type !== 'HTTP' && config?.Type !== 'HTTPS') return undefined;
  const scheme = config.Type.toLowerCase();
  const port = config.Port === undefined || config.Port === (scheme === 'https' ? 443 : 80) ? '' : `:${config.Port}`;
  return `${scheme}://${config.FullyQualifiedDomainName ?? config.IPAddress}${port}${config.ResourcePath ?? '/'}`;
}
