// The table of all MCPServers, and what is chosen of it.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Row } from '../told.ts';
import { useNow } from './ages.ts';
import type { WayProps } from './app.tsx';
import { counted, chosen, NO_FILTERS, NOT_READY, paged, type Filters } from './filters.ts';
import { FleetTable } from './fleet-table.tsx';
import { follow } from './live.ts';
import { fleetHash } from './route.ts';

/** Kept while one MCPServer is shown, so that the way back is at once. */
let lastRows: ReadonlyMap<string, Row> | undefined;
/** What was chosen, and which row was opened: who comes back by keyboard goes on from there. */
const left: { hash: string; key: string | undefined } = { hash: '#/', key: undefined };

/** Where the table was left for the MCPServer with this key. */
export function wayBack(key: string): string {
  left.key = key;
  return left.hash;
}

export function FleetView({ filters, onAbout, onLink, onProblem }: WayProps & { readonly filters: Filters }): JSX.Element {
  const [rows, setRows] = useState(lastRows);
  const now = useNow();
  useEffect(() => {
    const keep = (kept: ReadonlyMap<string, Row>): void => {
      lastRows = kept;
      setRows(kept);
    };
    return follow('live/fleet', {
      fleet: ({ about, rows: all }) => {
        onAbout(about);
        keep(new Map(all.map((row) => [row.key, row])));
      },
      changes: ({ rows: changed, gone }) => {
        const next = new Map(lastRows);
        for (const key of gone) next.delete(key);
        for (const row of changed) next.set(row.key, row);
        keep(next);
      },
      link: onLink,
    }, onProblem);
  }, []);
  useEffect(() => {
    if (left.key !== undefined) document.getElementById(`row-${left.key}`)?.focus();
    left.key = undefined;
  }, []);
  left.hash = fleetHash(filters);
  const all = useMemo(() => [...(rows?.values() ?? [])], [rows]);
  const meant = useMemo(() => chosen(all, filters), [all, ...Object.values(filters)]);
  const shown = paged(meant, filters.page);
  const unready = all.filter(({ ready }) => ready !== 'True').length;
  useEffect(() => {
    document.title = rows === undefined ? 'MCPServers' : unready === 0 ? `All ${all.length} Ready – MCPServers` : `${unready} not Ready – MCPServers`;
  }, [rows === undefined, unready, all.length]);
  if (rows === undefined) return <p class="empty" role="status">Reading the MCPServers…</p>;
  return (
    <>
      <h1>MCPServers</h1>
      <Summary total={all.length} unready={unready} />
      <Controls rows={all} filters={filters} />
      <p class="unseen" role="status">{meant.length} of {all.length} MCPServers match.</p>
      {shown.rows.length === 0
        ? <p class="empty">{all.length === 0 ? 'There are no MCPServers here yet. One that is created appears by itself.' : 'None matches what is chosen above.'}</p>
        : <FleetTable rows={shown.rows} filters={filters} now={now} />}
      {shown.pages > 1 && <Pages filters={filters} page={shown.page} pages={shown.pages} total={meant.length} />}
    </>
  );
}

function Summary({ total, unready }: { readonly total: number; readonly unready: number }): JSX.Element {
  return (
    <p class="summary">
      <a href="#/">{total} in all</a>
      <a href={fleetHash({ ...NO_FILTERS, phase: 'Ready' })}>{total - unready} Ready</a>
      <a href={fleetHash({ ...NO_FILTERS, phase: NOT_READY })}>{unready} not Ready</a>
    </p>
  );
}

/** What is typed changes the table at once, and leaves no trail of steps to go back through. */
function choose(filters: Filters): void {
  history.replaceState(null, '', fleetHash(filters));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function Controls({ rows, filters }: { readonly rows: readonly Row[]; readonly filters: Filters }): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const change = (part: Partial<Filters>): void => choose({ ...filters, page: 1, ...part });
  const unready = rows.filter(({ ready }) => ready !== 'True').length;
  const states = [[NOT_READY, unready] as const, ...counted(rows, 'phase')];
  const isChosen = filters.text !== '' || filters.phase !== '' || filters.reason !== '';
  return (
    <form class="controls" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>Search <kbd>/</kbd></span>
        <input
          ref={search} type="search" value={filters.text} maxLength={200} placeholder="name, reason, words, endpoint"
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
        />
      </label>
      <Choice label="State" value={filters.phase} options={states} onChange={(phase) => change({ phase })} />
      <Choice label="Reason" value={filters.reason} options={counted(rows, 'reason')} onChange={(reason) => change({ reason })} />
      <button type="button" disabled={!isChosen} onClick={() => change({ text: '', phase: '', reason: '' })}>Show all</button>
    </form>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, number])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps): JSX.Element {
  // What was chosen stays a choice when the last one of it is gone.
  const all = value === '' || options.some(([each]) => each === value) ? options : [...options, [value, 0] as const];
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">all</option>
        {all.map(([each, count]) => <option key={each} value={each}>{each} ({count})</option>)}
      </select>
    </label>
  );
}

interface PagesProps {
  readonly filters: Filters;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

function Pages({ filters, page, pages, total }: PagesProps): JSX.Element {
  return (
    <nav class="pages" aria-label="Pages of the table">
      <button type="button" disabled={page <= 1} onClick={() => choose({ ...filters, page: page - 1 })}>Previous</button>
      <span>Page {page} of {pages}, {total} MCPServers</span>
      <button type="button" disabled={page >= pages} onClick={() => choose({ ...filters, page: page + 1 })}>Next</button>
    </nav>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}
