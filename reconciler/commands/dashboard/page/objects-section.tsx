// The objects that were rendered, and how what lives differs from them.
import type { JSX } from 'preact';
import type { ToldDifference, ToldObject } from '../told.ts';
import { Block, Command } from './copy.tsx';
import { Section, type DetailProps } from './sections.tsx';
import { objectTone, StateMark } from './state-mark.tsx';

export function ObjectsSection({ detail: { objects, renderProblem } }: DetailProps): JSX.Element {
  return (
    <Section title="Objects">
      {renderProblem !== null && <p class="message">{renderProblem}</p>}
      <p class="quiet">Credentials and values of environment variables are shown as ***.</p>
      <ul class="cards">{objects.map((object) => <ObjectView key={`${object.kind} ${object.name}`} object={object} />)}</ul>
    </Section>
  );
}

function ObjectView({ object }: { readonly object: ToldObject }): JSX.Element {
  const { kind, name, state, reason, problem, differences, more, text, command } = object;
  return (
    <li>
      <p>
        <StateMark word={state} tone={objectTone(state)} /> <strong>{kind}</strong> <span class="long">{name}</span>
        {reason !== null && <span class="quiet"> {reason}</span>}
      </p>
      {problem !== null && <p class="message">{problem}</p>}
      <p class="quiet">{comparedIn(object)}</p>
      {differences.length > 0 && <ul class="differences">{differences.map((each) => <DifferenceView key={each.path} difference={each} />)}</ul>}
      {more > 0 && <p class="quiet">{more} more fields differ.</p>}
      <Command command={command} what={`${kind} ${name} as it lives`} />
      {text !== null && (
        <details>
          <summary>What is rendered for {kind} {name}</summary>
          <Block text={text} what={`${kind} ${name} as rendered`} canCopy={false} />
        </details>
      )}
    </li>
  );
}

function comparedIn({ state, differences, text, problem }: ToldObject): string {
  if (problem !== null) return 'Not compared.';
  if (text === null) return 'Nothing like it is rendered.';
  if (state === 'Missing') return 'It is rendered, and not there.';
  return differences.length === 0 ? 'It is as it is rendered.' : 'These fields are not as they are rendered:';
}

function DifferenceView({ difference: { path, live, rendered } }: { readonly difference: ToldDifference }): JSX.Element {
  return (
    <li>
      <code class="long">{path}</code>
      <dl>
        <div><dt>live</dt><dd>{live === null ? <span class="quiet">not there</span> : <code class="value">{live}</code>}</dd></div>
        <div><dt>rendered</dt><dd>{rendered === null ? <span class="quiet">not there</span> : <code class="value">{rendered}</code>}</dd></div>
      </dl>
    </li>
  );
}
