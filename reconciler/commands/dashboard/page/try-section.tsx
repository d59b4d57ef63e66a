// The tools of a server, listed when they are asked for, and one of them called in two steps.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Asking, Listing, ToldTool } from '../told.ts';
import { askFor } from './deeds.ts';
import { Section, type DetailProps } from './sections.tsx';
import { ToolCall } from './tool-call.tsx';

const PLAINLY = { autocomplete: 'off', spellcheck: false } as const;

export function TrySection({ detail: { row: { namespace, name } } }: DetailProps): JSX.Element {
  const [listing, setListing] = useState<Listing>();
  const [isBusy, setBusy] = useState(false);
  const [header, setHeader] = useState({ name: '', value: '' });
  const [chosen, choose] = useState('');
  const [times, setTimes] = useState(0);
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const given = { name: header.name.trim(), value: header.value.trim() };
  const asking: Asking = { namespace, name, header: given.name === '' ? null : given };
  const list = async (): Promise<void> => {
    stop.current = new AbortController();
    setBusy(true);
    const told = await askFor('tools/list', asking, stop.current.signal);
    setBusy(false);
    if (told === null) return;
    setListing(told);
    setTimes(times + 1);
  };
  const tools = listing?.problem === null ? listing.tools : [];
  const tool = tools.find((each) => each.name === chosen);
  return (
    <Section title="Try its tools">
      <p class="quiet">
        Asks one of its pods, over a port-forward with your rights. Nothing is connected before you ask; each call is a session of its own.
      </p>
      <details>
        <summary>It needs a credential</summary>
        <div class="field">
          <label for="header-name">Name of a header<span class="quiet"> (such as Authorization)</span></label>
          <input
            id="header-name" {...PLAINLY} value={header.name}
            onInput={({ currentTarget }) => setHeader({ ...header, name: currentTarget.value })}
          />
        </div>
        <div class="field">
          <label for="header-value">Its value<span class="quiet"> (kept by this page alone, sent to the pod alone)</span></label>
          <input
            id="header-value" type="password" {...PLAINLY} value={header.value}
            onInput={({ currentTarget }) => setHeader({ ...header, value: currentTarget.value })}
          />
        </div>
      </details>
      <p class="row">
        <button type="button" disabled={isBusy} onClick={() => void list()}>
          {listing?.problem === null ? 'List its tools again' : 'List its tools'}
        </button>
        {isBusy && <button type="button" onClick={() => stop.current?.abort()}>Stop</button>}
      </p>
      <div role="status">
        {isBusy && <p>Asking the server…</p>}
        {!isBusy && listing !== undefined && <Listed listing={listing} />}
      </div>
      {tools.length > 0 && (
        <label class="choice">
          <span>Tool</span>
          <select value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            <option value="">choose one</option>
            {tools.map((each) => <option key={each.name} value={each.name}>{each.label}</option>)}
          </select>
        </label>
      )}
      {tool !== undefined && <Chosen key={`${times} ${tool.name}`} tool={tool} asking={asking} />}
    </Section>
  );
}

function Listed({ listing }: { readonly listing: Listing }): JSX.Element {
  if (listing.problem !== null) return <p class="wrong message">{listing.problem}</p>;
  const count = listing.tools.length;
  return <p>{count === 1 ? 'It lists 1 tool.' : `It lists ${count} tools.`}{listing.isCut && ' There are more, which are not shown.'}</p>;
}

function Chosen({ tool, asking }: { readonly tool: ToldTool; readonly asking: Asking }): JSX.Element {
  return (
    <div class="tool">
      <h3 class="long">{tool.label}{tool.title !== null && <span class="quiet"> · {tool.title}</span>}</h3>
      {tool.description !== '' && <p class="message">{tool.description}</p>}
      <p class="quiet">{tool.hints.length === 0 ? 'The server claims nothing about what it does.' : `The server claims: it ${tool.hints.join('; it ')}. Nobody has checked that.`}</p>
      {tool.problem === null ? <ToolCall tool={tool} asking={asking} /> : <p class="wrong">{tool.problem}</p>}
    </div>
  );
}
