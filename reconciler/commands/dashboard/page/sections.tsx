// The parts of the detail that tell what is so and what was seen.
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Detail } from '../told.ts';
import { ageOf } from './ages.ts';
import { Block, Command } from './copy.tsx';
import { conditionTone, podTone, StateMark } from './state-mark.tsx';

export interface DetailProps {
  readonly detail: Detail;
}

interface TimedProps extends DetailProps {
  readonly now: number;
}

export function Section({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  const id = useId();
  return <section aria-labelledby={id}><h2 id={id}>{title}</h2>{children}</section>;
}

export function EvidenceSection({ detail: { evidence } }: DetailProps): JSX.Element | null {
  if (evidence.length === 0) return null;
  return <Section title="What was seen"><ul>{evidence.map((line) => <li key={line}>{line}</li>)}</ul></Section>;
}

export function ConditionsSection({ detail: { conditions }, now }: TimedProps): JSX.Element {
  return (
    <Section title="Conditions">
      {conditions.length === 0 && <p class="quiet">No operator has said anything about it yet.</p>}
      <ul class="cards">
        {conditions.map(({ type, claim, status, reason, meaning, message, since }) => (
          <li key={type}>
            <p>
              <strong>{type}</strong> <StateMark word={status} tone={conditionTone(type, status)} /> for {ageOf(since, now)}
              {claim !== '' && <span class="quiet"> · whether {claim}</span>}
            </p>
            <p><strong>{reason}</strong> <span class="message">{message}</span></p>
            {meaning !== null && <p class="quiet">{meaning}</p>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function WordsSection({ detail: { words } }: DetailProps): JSX.Element | null {
  if (words.length === 0) return null;
  return (
    <Section title="Last words">
      {words.map(({ pod, container, exitCode, text }) => (
        <div key={`${pod}/${container}`}>
          <p>Container {container} of pod {pod} ended{exitCode === null ? '' : ` with exit code ${exitCode}`}:</p>
          <Block text={text.join('\n')} what={`Last words of ${container} of ${pod}`} />
        </div>
      ))}
    </Section>
  );
}

export function PodsSection({ detail: { pods, morePods } }: DetailProps): JSX.Element {
  return (
    <Section title="Pods">
      {pods.length === 0 && <p class="quiet">There are none that can be seen.</p>}
      <ul class="cards">
        {pods.map(({ name, state, message, restarts, node, lines }) => (
          <li key={name}>
            <p><StateMark word={state} tone={podTone(state, message)} /> <span class="long">{name}</span></p>
            <p class="quiet">{node === null ? 'on no node yet' : `on node ${node}`}, {restarts === 1 ? '1 restart' : `${restarts} restarts`}</p>
            {message !== null && <p class="message">{message}</p>}
            <details>
              <summary>Commands for {name}</summary>
              {lines.map(({ what, command }) => <Command key={what} command={command} what={`${what} of ${name}`} />)}
            </details>
          </li>
        ))}
      </ul>
      {morePods > 0 && <p class="quiet">{morePods} more are not shown.</p>}
    </Section>
  );
}

export function TimelineSection({ detail: { timeline, unread }, now }: TimedProps): JSX.Element {
  return (
    <Section title="What happened">
      <p class="quiet">{unread.includes('Event') ? 'Turns of the status alone: you may not list events.' : 'Events, which Kubernetes keeps for an hour, and turns of the status; the newest first.'}</p>
      <ol class="timeline">
        {timeline.map(({ time, type, reason, about, message, count }, index) => (
          <li key={`${time} ${about} ${reason} ${message} ${index}`} class={type === 'Warning' ? 'warning' : ''}>
            <p>
              <time dateTime={time} title={time}>{ageOf(time, now)} ago</time> <span class="kind">{type}</span>
              {' '}<strong>{reason}</strong>{count > 1 && ` ×${count}`} <span class="quiet long">{about}</span>
            </p>
            <p class="message">{message}</p>
          </li>
        ))}
      </ol>
    </Section>
  );
}
