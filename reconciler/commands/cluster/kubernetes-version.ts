// Which Kubernetes answers, and what its clock says.
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { responseError } from '../../../kubernetes/responses.ts';

/** What GET /version says. */
export interface KubernetesVersion {
  /** Such as `v1.36.3`. */
  readonly gitVersion: string;
  /** The number behind `1.`; NaN where nobody can tell. */
  readonly minor: number;
  /** Milliseconds since 1970 by the clock of the API server. */
  readonly now: number;
}

/** Asks. Rejects with ApiError. */
export async function kubernetesVersion(client: KubernetesClient): Promise<KubernetesVersion> {
  const response = await client.request('GET', '/version', { maxBytes: 64 * 1024 });
  if (response.status !== 200) throw responseError('GET /version', response);
  const { gitVersion = '', minor = '' } = JSON.parse(response.body.toString()) as { readonly gitVersion?: string; readonly minor?: string };
  const date = Date.parse(String(response.headers['date']));
  return { gitVersion, minor: Number.parseInt(minor, 10), now: Number.isNaN(date) ? Date.now() : date };
}
