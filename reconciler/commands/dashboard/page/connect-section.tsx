// What MCP clients have to be told, one client at a time.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Block, Command } from './copy.tsx';
import { Section, type DetailProps } from './sections.tsx';

export function ConnectSection({ detail: { connections: { problem, lines, here, inside, notes } } }: DetailProps): JSX.Element {
  const [chosen, choose] = useState(0);
  if (problem !== null) return <Section title="Connect a client"><p>{problem}</p></Section>;
  const all = [
    ...here.map((client) => ({ ...client, name: `${client.label}, on this machine` })),
    ...inside.map((client) => ({ ...client, name: `${client.label}, inside the cluster` })),
  ];
  const index = Math.min(chosen, all.length - 1);
  const client = all[index];
  return (
    <Section title="Connect a client">
      <ol class="steps">{lines.map(({ what, command }) => <li key={what}>{what}<Command command={command} what={what} /></li>)}</ol>
      <label class="choice">
        <span>Configuration of</span>
        <select value={String(index)} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
          {all.map(({ name }, at) => <option key={name} value={String(at)}>{name}</option>)}
        </select>
      </label>
      {client !== undefined && <Block text={client.text} what={`Configuration of ${client.name}`} />}
      {client?.file != null && (
        <p class="quiet">It belongs into <code class="long">{client.file}</code>; where that has servers already, add this one to them.</p>
      )}
      {notes.map((note) => <p key={note} class="message">{note}</p>)}
    </Section>
  );
}
