/** A write ran, but too few replicas confirmed it in time, so a failover may lose it. */
export class NotReplicatedError extends Error {
  override readonly name = "NotReplicatedError";
}
