// The port that every resource kind fills. Workflows know kinds only through this.

/** A mirror or a resource as it is now. `ready`: running and passing its checks; registration with the balancer is asked elsewhere. */
export interface ResourceStatus {
  readonly id: string;
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped' | 'terminated';
  readonly ready: boolean;
  /** for quotas; undefined: not told */
  readonly vcpus?: number;
  /** e.g. `m7i.large` */
  readonly type?: string;
}

export interface LaunchRequest {
  readonly region: string;
  readonly zone: string;
  readonly serviceId: string;
  readonly launchTemplate: { readonly id: string; readonly version: string };
  /** beside Forestall's own */
  readonly tags?: Readonly<Record<string, string>>;
  /** the same token gives the same resource, however often it is asked for */
  readonly clientToken: string;
}

export interface SnapshotRequest {
  readonly region: string;
  readonly serviceId: string;
  readonly resourceId: string;
  readonly decisionId: string;
}

export interface CopyRequest {
  readonly fromRegion: string;
  readonly toRegion: string;
  readonly serviceId: string;
  readonly snapshotId: string;
  readonly decisionId: string;
  readonly kmsKeyArn: string;
}

export interface SnapshotStatus {
  readonly id: string;
  readonly state: 'pending' | 'completed' | 'error';
}

export interface ResourceKindPort {
  /** Status of those that exist; one that is gone is absent. */
  status(region: string, ids: readonly string[]): Promise<ResourceStatus[]>;
  /** Everything that carries Forestall's tag for the service, unless terminated. */
  owned(region: string, serviceId: string): Promise<ResourceStatus[]>;
  /** Returns the id. */
  launch(request: LaunchRequest): Promise<string>;
  start(region: string, ids: readonly string[]): Promise<void>;
  stop(region: string, ids: readonly string[]): Promise<void>;
  terminate(region: string, ids: readonly string[]): Promise<void>;
  /** All volumes of the resource, crash-consistent together. Returns the snapshots of an earlier call for the same decision when there are any. */
  snapshot(request: SnapshotRequest): Promise<string[]>;
  /**
   * Called in the standby's Region. Returns the id of the copy; that of an earlier call for the same snapshot when there is one.
   * undefined: the Region copies as many at one time as it can; ask again later.
   */
  copySnapshot(request: CopyRequest): Promise<string | undefined>;
  /** Ids of what was made for a decision, of a resource or, as copies, of a snapshot; whether anybody was told or not. */
  snapshotsMade(region: string, of: { readonly decisionId: string; readonly source: string }): Promise<string[]>;
  snapshotStatus(region: string, ids: readonly string[]): Promise<SnapshotStatus[]>;
  /** A snapshot that is gone already is no error. */
  deleteSnapshot(region: string, id: string): Promise<void>;
}
