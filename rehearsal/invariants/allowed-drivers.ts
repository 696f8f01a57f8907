// What a plan's drivers may change: the one rule, parameter, environment or balancer that the plan names, to one of the values that it names.
import type { Plan } from '../../core/contracts/plan.ts';
import { regionOfArn } from '../../core/contracts/plan-drivers.ts';
import type { CallRecord } from '../cloud/call.ts';

interface Action {
  readonly ForwardConfig?: { readonly TargetGroups?: readonly { readonly TargetGroupArn?: string }[] };
}
/** Inputs of the calls; a call has those of its operation. */
interface Input {
  readonly RuleArn?: string;
  readonly ListenerArn?: string;
  readonly Actions?: readonly Action[];
  readonly DefaultActions?: readonly Action[];
  readonly Name?: string;
  readonly Value?: string;
  readonly ApplicationId?: string;
  readonly EnvironmentId?: string;
  readonly ConfigurationProfileId?: string;
  readonly ConfigurationVersion?: string;
  readonly resourceIdentifier?: string;
  readonly awayFrom?: string;
  readonly zonalShiftId?: string;
}

export const driverOperations = ['ModifyRule', 'ModifyListener', 'PutParameter', 'StartDeployment', 'StartZonalShift', 'UpdateZonalShift', 'CancelZonalShift'];

/** Shifts are known by the calls that began them: calls are given in their order. */
export class AllowedDrivers {
  readonly #plan: Plan;
  readonly #ownShifts = new Set<string>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** What speaks against a call of one of `driverOperations`; undefined when a driver of the plan may make it. */
  objection({ operation, region, input, output }: CallRecord): string | undefined {
    const given = input as Input;
    if (operation === 'StartZonalShift' && output) this.#ownShifts.add(String(output['zonalShiftId']));
    const named = this.#plan.drivers.some((settings) => {
      switch (settings.driver) {
        case 'load-balancer-weights': {
          const groups = (given.Actions ?? given.DefaultActions ?? []).flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
          const { primary, standby } = settings.targetGroups;
          const arn = given.RuleArn ?? given.ListenerArn;
          const both = [primary, standby].every((wanted) => groups.some(({ TargetGroupArn }) => TargetGroupArn === wanted));
          return arn !== undefined && arn === (settings.ruleArn ?? settings.listenerArn) && region === regionOfArn(arn) && groups.length === 2 && both;
        }
        case 'ssm-parameter':
          return (
            operation === 'PutParameter' &&
            region === settings.region &&
            given.Name === settings.name &&
            Object.values(settings.values).includes(given.Value ?? '')
          );
        case 'appconfig':
          return (
            operation === 'StartDeployment' &&
            region === settings.region &&
            given.ApplicationId === settings.applicationId &&
            given.EnvironmentId === settings.environmentId &&
            given.ConfigurationProfileId === settings.configurationProfileId &&
            Object.values(settings.versions).includes(given.ConfigurationVersion ?? '')
          );
        case 'zonal-shift':
          if (operation === 'StartZonalShift') return given.resourceIdentifier === settings.loadBalancerArn && given.awayFrom === settings.awayFrom;
          return given.zonalShiftId !== undefined && this.#ownShifts.has(given.zonalShiftId);
        default:
          return false;
      }
    });
    return named ? undefined : `no driver of the plan may do this: ${JSON.stringify(input)}`;
  }
}
