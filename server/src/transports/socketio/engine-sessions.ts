import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Takes the requests of this node's own sessions that other workers received. */
export interface SessionEndpoint {
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The Engine.IO sessions of all workers behind one port. */
export interface EngineSessions {
  /** The id of a session of this worker, which tells whose it is. */
  ownId(id: string): string;
  /** The worker that holds a session; null when it is this one, or none. */
  ownerOf(sessionId: string): number | null;
  /** @returns a function that ends it */
  listen(endpoint: SessionEndpoint): Promise<() => void>;
  relayRequest(owner: number, from: IncomingMessage, to: ServerResponse): void;
  relayUpgrade(owner: number, from: IncomingMessage, client: Duplex, head: Buffer): void;
}

/** The parts of Engine.IO's server that are used here. */
export interface Engine {
  generateId(request: IncomingMessage): string | PromiseLike<string>;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/**
 * Lets workers share their Engine.IO sessions: what arrives for a session of another worker goes there.
 * @returns a function that ends it
 */
export function shareSessions(engine: Engine, sessions: EngineSessions): Promise<() => void> {
  const own = {
    generateId: engine.generateId.bind(engine),
    handleRequest: engine.handleRequest.bind(engine),
    handleUpgrade: engine.handleUpgrade.bind(engine),
  };
  const ownerOf = ({ url = "" }: IncomingMessage): number | null => {
    const id = new URLSearchParams(url.split("?", 2)[1]).get("sid");
    return id === null ? null : sessions.ownerOf(id);
  };
  engine.generateId = async (request) => sessions.ownId(await own.generateId(request));
  engine.handleRequest = (request, response) => {
    const owner = ownerOf(request);
    if (owner === null) own.handleRequest(request, response);
    else sessions.relayRequest(owner, request, response);
  };
  engine.handleUpgrade = (request, socket, head) => {
    const owner = ownerOf(request);
    if (owner === null) own.handleUpgrade(request, socket, head);
    else sessions.relayUpgrade(owner, request, socket, head);
  };
  return sessions.listen({ onRequest: own.handleRequest, onUpgrade: own.handleUpgrade });
}
