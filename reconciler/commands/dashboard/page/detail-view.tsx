// One MCPServer in full, live.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Detail } from '../told.ts';
import { useNow } from './ages.ts';
import type { WayProps } from './app.tsx';
import { Command } from './copy.tsx';
import { ConnectSection } from './connect-section.tsx';
import { wayBack } from './fleet-view.tsx';
import { follow } from './live.ts';
import { ObjectsSection } from './objects-section.tsx';
import { ConditionsSection, EvidenceSection, PodsSection, Section, TimelineSection, WordsSection } from './sections.tsx';
import { StateMark } from './state-mark.tsx';
import { TrySection } from './try-section.tsx';

interface Props extends WayProps {
  readonly namespace: string;
  readonly name: string;
}

export function DetailView({ namespace, name, onAbout, onLink, onProblem }: Props): JSX.Element {
  const [detail, setDetail] = useState<Detail | null>();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${name} – MCPServers`;
    // Who goes from the table to here by keyboard goes on from here.
    heading.current?.focus();
    const query = new URLSearchParams({ namespace, name });
    return follow(`live/server?${query}`, {
      server: ({ about, detail: told }) => {
        onAbout(about);
        setDetail(told);
      },
      link: onLink,
    }, onProblem);
  }, []);
  return (
    <article>
      <nav aria-label="Back"><a href={wayBack(`${namespace}/${name}`)}>← All MCPServers</a></nav>
      <h1 ref={heading} tabIndex={-1}>{name} <span class="quiet">in {namespace}</span></h1>
      {detail === undefined && <p class="empty" role="status">Reading what belongs to it…</p>}
      {detail === null && (
        <p class="empty" role="status">There is no MCPServer of this name here, or no longer. One that is created appears by itself.</p>
      )}
      {detail && <Full detail={detail} />}
    </article>
  );
}

function Full({ detail }: { readonly detail: Detail }): JSX.Element {
  const now = useNow();
  const { row, message, steps, unread, lines } = detail;
  return (
    <>
      <div class="head">
        <p class="verdict" role="status"><StateMark word={row.phase} tone={row.ready === 'True' ? 'good' : undefined} /> <strong>{row.reason}</strong></p>
        <p class="message">{message}</p>
        <dl class="facts">
          <div><dt>Replicas</dt><dd>{row.readyReplicas} of {row.replicas} ready</dd></div>
          <div><dt>Endpoint in the cluster</dt><dd>{row.endpoint ?? 'none'}</dd></div>
          <div><dt>Server</dt><dd>{row.server === null ? 'not known' : `${row.server} ${row.version ?? ''}`}</dd></div>
        </dl>
      </div>
      {unread.length > 0 && (
        <p class="notice">
          Not shown, for you may not list and watch them: {unread.join(', ')}. Ask whoever administers the cluster for these rights.
        </p>
      )}
      {steps.length > 0 && (
        <Section title="What to do">
          <ol class="steps">
            {steps.map(({ sentence, command }) => (
              <li key={sentence}>{sentence}{command !== null && <Command command={command} what={sentence} />}</li>
            ))}
          </ol>
        </Section>
      )}
      <EvidenceSection detail={detail} />
      <ConditionsSection detail={detail} now={now} />
      <WordsSection detail={detail} />
      <PodsSection detail={detail} />
      <TimelineSection detail={detail} now={now} />
      <ObjectsSection detail={detail} />
      <ConnectSection detail={detail} />
      <TrySection detail={detail} />
      <Section title="On the command line">
        <ul class="plain">{lines.map(({ what, command }) => <li key={what}>{what}<Command command={command} what={what} /></li>)}</ul>
      </Section>
    </>
  );
}
