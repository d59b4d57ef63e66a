// docs/troubleshooting.md, from the table of reasons: what was seen, what to do. Pure: text out.
import { REASONS } from './reasons.ts';
import { REMEDIES } from './remedies.ts';

type Name = keyof typeof REASONS;

const NAMES = Object.keys(REASONS) as readonly Name[];

/** The text of docs/troubleshooting.md. Deterministic. */
export function troubleshooting(): string {
  const withRemedy = NAMES.filter((name) => REMEDIES[name] !== undefined);
  const without = NAMES.filter((name) => REMEDIES[name] === undefined);
  return `${[HEAD, ...withRemedy.map(section), `## Nothing to do\n\n${without.map((name) => `- \`${name}\`: ${REASONS[name].meaning}`).join('\n')}`].join('\n\n')}\n`;
}

const HEAD = `<!-- Written by \`npm run generate\` from charts/api/reasons.ts and charts/api/remedies.ts. Do not edit. -->
# Troubleshooting

\`kubectl get mcps -A\` shows the reason of each MCPServer, and this page what to do about it. What was seen in your case, and what helps there, stands in the message:

\`\`\`sh
kubectl -n NAMESPACE get mcps NAME -o jsonpath='{range .status.conditions[*]}{.type}{" "}{.status}{" "}{.reason}{": "}{.message}{"\\n"}{end}'
\`\`\`

The first thing that is wrong is the reason of \`Ready\`. \`Reconciling\` says that it may pass by itself, \`Stalled\` that you are waited for. \`kubectl describe mcps NAME\` has the same, and what was before, as events.`;

function section(name: Name): string {
  return `## ${name}\n\n**Seen:** ${REASONS[name].meaning}\n\n**To do:** ${REMEDIES[name]}`;
}
