/** A local listener to one topic. */
export interface TopicListener {
  receive(message: string): void;
  /** Called after messages may have been lost, once the subscription receives messages again. */
  resync(): void;
}

/** The pub/sub of this node: one Redis subscription for each topic with a local listener. */
export interface Topics {
  /** True while this node receives every message of its topics. */
  readonly isSynced: boolean;
  /** True while the connections to Redis are open. */
  readonly isConnected: boolean;
  /** The number of topics with a listener. */
  readonly topicCount: number;
  start(): Promise<void>;
  stop(): void;
  /**
   * Subscribes to a topic that has no listener on this node yet. Once the promise resolves, every message that is
   * published arrives in the order of its publication, or `resync` is called.
   * @throws {GrandstandError} `unavailable` when Redis does not confirm in time. The listener stays registered until
   * `ignore`; its `resync` is called once Redis has confirmed
   */
  listen(topic: string, listener: TopicListener): Promise<void>;
  ignore(topic: string): void;
}
