import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Receives the requests for sessions of this worker that arrived at other workers. */
export interface SessionEndpoint {
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The Engine.IO sessions of all workers behind one port. */
export interface EngineSessions {
  /** Adds this worker to the id of a new session, so that other workers can find the owner by the id. */
  ownId(id: string): string;
  /** The worker to which a session belongs; null for this worker, and for an unknown session. */
  ownerOf(sessionId: string): number | null;
  /** @returns a function that stops listening */
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
 * Lets several workers serve Engine.IO on one port: requests for a session of another worker are relayed to
 * that worker.
 * @returns a function that stops receiving relayed requests
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
