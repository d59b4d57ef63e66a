// The sockets to one API server: a pool for requests, which a renewed client certificate replaces, and one socket for each stream.
import http from 'node:http';
import https from 'node:https';
import type { AgentOptions, RequestOptions } from 'node:https';
import type { ClientCertificate } from './connection.ts';

/** The pools of one server. `settings` go to every socket. */
export class Sockets {
  readonly #create: (options: AgentOptions) => http.Agent;
  readonly #maxSockets: number;
  readonly #single: http.Agent;
  #pool: http.Agent;
  #certificate: ClientCertificate | undefined;
  /** Pools of certificates of before, until their last request has its answer. */
  #retired: http.Agent[] = [];

  constructor(protocol: string, settings: AgentOptions, maxSockets: number) {
    const { Agent } = protocol === 'http:' ? http : https;
    this.#create = (options) => new Agent({ ...settings, ...options });
    this.#maxSockets = maxSockets;
    this.#single = this.#create({ keepAlive: false });
    this.#pool = this.#newPool();
  }

  /** A kept connection that shows the certificate. */
  pooled(certificate: ClientCertificate | undefined): RequestOptions {
    if (certificate?.cert !== this.#certificate?.cert || certificate?.key !== this.#certificate?.key) {
      this.#certificate = certificate;
      this.#retire(this.#pool);
      this.#pool = this.#newPool();
    }
    return { agent: this.#pool };
  }

  /** A connection of its own that shows the certificate. */
  single(certificate: ClientCertificate | undefined): RequestOptions {
    return { agent: this.#single, ...certificate };
  }

  /** Closes every connection, those in use too. */
  close(): void {
    for (const agent of [this.#pool, this.#single, ...this.#retired]) agent.destroy();
  }

  #newPool(): http.Agent {
    const pool = this.#create({ keepAlive: true, keepAliveMsecs: 15_000, maxSockets: this.#maxSockets, ...this.#certificate });
    // All its sockets go to one server with the same settings. Node would make a name of these, authorities too, several times for each request.
    pool.getName = (): string => 'pool';
    return pool;
  }

  /** Idle sockets end now, the others after their answer. */
  #retire(pool: http.Agent): void {
    // The types forget its answer: false ends the socket (https://nodejs.org/api/http.html#agentkeepsocketalivesocket).
    pool.keepSocketAlive = (): boolean => false;
    for (const sockets of Object.values(pool.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    this.#retired = [...this.#retired.filter(isBusy), pool];
  }
}

function isBusy({ sockets, requests }: http.Agent): boolean {
  return Object.keys(sockets).length + Object.keys(requests).length > 0;
}
