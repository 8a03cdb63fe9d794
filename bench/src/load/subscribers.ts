/** The methods of a subscriber process, for every protocol. */
export interface SubscriberMethods {
  /** Opens one connection per token, and subscribes each to the channel. */
  connect(load: { url: string; tokens: string[]; channel: string }): Promise<void>;
  /** The sum of the pushes that its connections have received. */
  received(): number;
  // biome-ignore lint/suspicious/noExplicitAny: `Methods` has this index signature
  [method: string]: (argument: any) => unknown;
}
