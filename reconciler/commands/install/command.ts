// The commands `install`, `uninstall` and `crd`, and their flags.
import type { Command } from 'commander';
import { explain, type Manual } from '../manual.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';
import { installFlags, placeFlags, propsOf, type InstallFlags } from './flags.ts';

const INSTALL: Manual = {
  notes: `Prints manifests, and asks no cluster. They are what \`cdk8s synth\` writes for
the construct Operator with the same props, of which affinity, spread and the
settings of guards have no flag: docs/installation.md.
With --images only the images that these manifests pull, one a line, each with
its digest as its registry tells it, or as it was given.`,
  exitCodes: { 0: 'it is printed', 1: 'a flag cannot be meant; with --images also: a registry did not tell a digest' },
  examples: [
    'mcp-operator install --image registry.example.com/tools/operator:0.1.0 \\\n  | kubectl apply --server-side -f -',
    'mcp-operator install -n team-a --watch-namespace team-a --no-create-namespace',
    'mcp-operator install -n mcp-operator-blue --watch-label-selector shard=blue',
    'mcp-operator install --images',
  ],
};

const UNINSTALL: Manual = {
  notes: `Prints the names of what \`install\` with the same flags installs, and of guards:
everything but the CRD, without which all MCPServers and what was rendered for
them stay and serve on. The namespace goes with all that is in it.`,
  exitCodes: { 0: 'it is printed', 1: 'a flag cannot be meant' },
  examples: [
    'mcp-operator uninstall | kubectl delete --ignore-not-found -f -',
    'mcp-operator uninstall -n team-a --watch-namespace team-a --keep-namespace',
    'mcp-operator uninstall --crd',
  ],
};

const CRD: Manual = {
  exitCodes: { 0: 'it is printed', 1: 'a flag cannot be meant' },
  examples: ['mcp-operator crd | kubectl apply --server-side -f -'],
};

interface UninstallFlags extends Pick<InstallFlags, 'namespace' | 'watchNamespace' | 'watchLabelSelector'> {
  readonly keepNamespace?: true;
  readonly crd?: true;
}

/** Adds `install`. */
export function addInstall(program: Command, surroundings: Surroundings): void {
  installFlags(explain(program.command('install'), INSTALL))
    .description('print the manifests that install the operator')
    .option('--no-crd', 'leave the CRD out')
    .option('--images', 'print the images instead')
    .action(async ({ crd, images, ...flags }: InstallFlags & { readonly crd: boolean; readonly images?: true }) => {
      endsOnSignal(surroundings);
      const { imagesOf, installText } = await import('./manifests.ts');
      const props = propsOf(flags);
      if (images !== true) {
        surroundings.stdout.write(installText(props, { crd }));
        return;
      }
      const { withDigest } = await import('./digests.ts');
      const digested = await Promise.all(imagesOf(props).map((image) => withDigest(image, surroundings)));
      surroundings.stdout.write(digested.map(({ image }) => `${image}\n`).join(''));
      const unknown = digested.filter(({ problem }) => problem !== undefined);
      for (const { image, problem } of unknown) surroundings.stderr.write(`error: no digest of ${image}: ${problem}\n`);
      surroundings.endWith(unknown.length === 0 ? 0 : 1);
    });
}

/** Adds `uninstall`. */
export function addUninstall(program: Command, surroundings: Surroundings): void {
  placeFlags(explain(program.command('uninstall'), UNINSTALL))
    .description('print what to delete, to uninstall the operator')
    .option('--keep-namespace', 'leave the namespace, and what else is in it')
    .option('--crd', 'delete the CRD, too, and with it all MCPServers of the cluster')
    .action(async ({ namespace, watchNamespace, watchLabelSelector, keepNamespace, crd }: UninstallFlags) => {
      endsOnSignal(surroundings);
      const { uninstallText } = await import('./manifests.ts');
      const watched = watchNamespace !== undefined && { watchNamespaces: watchNamespace };
      const selected = watchLabelSelector !== undefined && { watchLabelSelector };
      const props = { ...(namespace !== undefined && { namespace }), ...watched, ...selected };
      surroundings.stdout.write(uninstallText(props, { keepNamespace: keepNamespace === true, crd: crd === true }));
      if (keepNamespace !== true) warn(surroundings, `the namespace ${namespace} goes with all that is in it; --keep-namespace leaves it`);
      if (crd === true) warn(surroundings, 'with the CRD all MCPServers of the cluster go, and everything that was rendered for them');
    });
}

/** Adds `crd`. */
export function addCrd(program: Command, surroundings: Surroundings): void {
  explain(program.command('crd'), CRD)
    .description('print the CustomResourceDefinition of MCPServers')
    .action(async () => {
      endsOnSignal(surroundings);
      const { crdText } = await import('./manifests.ts');
      surroundings.stdout.write(crdText());
    });
}

function warn({ stderr }: Surroundings, sentence: string): void {
  stderr.write(`warning: ${sentence}\n`);
}
