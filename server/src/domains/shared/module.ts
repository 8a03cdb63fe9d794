import type { ChannelKind } from "@grandstand/shared/channels";
import type { Connection } from "../../core/connection.js";
import type { DomainHandlers, EncodedHandlers } from "../../core/handler.js";
import type { ChannelSource } from "../../live/source.js";
import type { Topics } from "../../redis/topics.js";
import type { UserDataDomain } from "./erasure.js";
import type { EventReaders } from "./queued-event.js";

/** The parts of a domain that a node uses. Only `operations` is required. */
export interface DomainModule<Domain extends string> extends UserDataDomain {
  /** One handler for each operation `<Domain>.*` of the contract. */
  operations: DomainHandlers<Domain>;
  /** For some of these operations, a second handler that returns an encoded result. */
  encodedOperations?: EncodedHandlers;
  /** The source of the channels `<Domain>:*`. */
  channelSource?: ChannelSource;
  /** Reads the domain's events for webhooks. */
  eventReaders?: EventReaders;
  /** Starts timers and listens to topics. */
  start?(topics: Topics): Promise<void>;
  /** Called after the connections have closed. */
  stop?(): Promise<void>;
  onConnectionClosed?(connection: Connection): void;
  /** Called after the rights of the connection's caller have changed, for example with a new token. */
  onRightsChanged?(connection: Connection): void;
}

/** Combines the modules of all domains. */
export function domainModules<Modules extends { [Domain in keyof Modules & string]: DomainModule<Domain> }>(
  modules: Modules,
) {
  const all: [string, DomainModule<string>][] = Object.entries(modules);
  const sources = all.flatMap(([domain, { channelSource }]) =>
    channelSource === undefined ? [] : [[domain, channelSource]],
  );
  return {
    operations: Object.assign({}, ...all.map(([, { operations }]) => operations)) as AllHandlers<Modules>,
    encodedOperations: Object.assign(
      {},
      ...all.map(([, { encodedOperations }]) => encodedOperations),
    ) as EncodedHandlers,
    channelSources: Object.fromEntries(sources) as Partial<Record<ChannelKind, ChannelSource>>,
    eventReaders: Object.assign({}, ...all.map(([, { eventReaders }]) => eventReaders)) as EventReaders,
    async start(topics: Topics): Promise<void> {
      for (const [, domain] of all) await domain.start?.(topics);
    },
    async stop(): Promise<void> {
      await Promise.all(all.map(([, domain]) => domain.stop?.()));
    },
    onConnectionClosed(connection: Connection): void {
      for (const [, domain] of all) domain.onConnectionClosed?.(connection);
    },
    onRightsChanged(connection: Connection): void {
      for (const [, domain] of all) domain.onRightsChanged?.(connection);
    },
  };
}

type AllHandlers<Modules> = DomainHandlers<keyof Modules & string>;
