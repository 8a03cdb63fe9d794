/** The methods of a subscriber process, for every protocol. */
export interface SubscriberMethods {
  /** Opens one connection per token, and subscribes each to the channel. */
  connect(load: { url: string; tokens: string[]; channel: string }): Promise<void>;
  /** How many pushes the connections of this process have received in all. */
  received(): number;
  // biome-ignore lint/suspicious/noExplicitAny: `Methods` has this index signature
  [method: string]: (argument: any) => unknown;
}
