/** What the processes of subscribers can be asked, whatever their protocol. */
export interface SubscriberMethods {
  /** Opens connections, one for each token, and subscribes each to the channel. */
  connect(load: { url: string; tokens: string[]; channel: string }): Promise<void>;
  /** How many pushes all of them have received. */
  received(): number;
  // What `Methods` asks for.
  // biome-ignore lint/suspicious/noExplicitAny: see there
  [method: string]: (argument: any) => unknown;
}
