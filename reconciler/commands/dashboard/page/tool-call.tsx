// One call of a tool: the form, what is about to be sent, and what came of it.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Asking, Outcome, ToldTool } from '../told.ts';
import { Block } from './copy.tsx';
import { askFor } from './deeds.ts';
import { Fields, WholeField } from './tool-form.tsx';
import { argumentsIn, argumentsWritten, defaultsOf, WHOLE, type Filled, type Inputs } from './values.ts';

interface Props {
  readonly tool: ToldTool;
  readonly asking: Asking;
}

const ROOT = 'argument';

export function ToolCall({ tool, asking }: Props): JSX.Element {
  const [inputs, setInputs] = useState<Inputs>(() => defaultsOf(tool.fields, ROOT));
  const [isWhole, setWhole] = useState(tool.fields === null);
  const [filled, setFilled] = useState<Filled>({ arguments: undefined, problems: new Map() });
  const [outcome, setOutcome] = useState<Outcome>();
  const [isBusy, setBusy] = useState(false);
  const [isStopped, setStopped] = useState(false);
  const stop = useRef<AbortController | undefined>(undefined);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const read = (): Filled => (isWhole ? argumentsWritten(inputs[WHOLE] ?? '') : argumentsIn(tool.fields ?? [], inputs, ROOT));
  const onInput = (id: string, text: string): void => {
    setInputs((before) => ({ ...before, [id]: text }));
    // What was looked at is not what would be sent now.
    setFilled({ arguments: undefined, problems: new Map() });
  };
  const look = (event: Event): void => {
    event.preventDefault();
    const now = read();
    setFilled(now);
    setOutcome(undefined);
    setStopped(false);
    const [first] = now.problems.keys();
    if (first !== undefined) form.current?.querySelector<HTMLElement>(`#${first}`)?.focus();
  };
  const call = async (args: object): Promise<void> => {
    stop.current = new AbortController();
    setBusy(true);
    setOutcome(undefined);
    const told = await askFor('tools/call', { ...asking, tool: tool.name, arguments: args }, stop.current.signal);
    setBusy(false);
    setFilled({ arguments: undefined, problems: new Map() });
    setStopped(told === null);
    if (told !== null) setOutcome(told);
  };
  const toggle = (): void => {
    const { arguments: given } = read();
    if (!isWhole) setInputs((before) => ({ ...before, [WHOLE]: JSON.stringify(given ?? {}, null, 2) }));
    setWhole(!isWhole);
    setFilled({ arguments: undefined, problems: new Map() });
  };
  const props = { parent: ROOT, inputs, problems: filled.problems, onInput };
  return (
    <>
      <form ref={form} onSubmit={look} noValidate aria-label={`Arguments of ${tool.label}`}>
        {isWhole || tool.fields === null ? <WholeField {...props} /> : <Fields fields={tool.fields} {...props} />}
        {tool.fields === null && <p class="quiet">No form can be made of its input schema: write the arguments as JSON.</p>}
        {tool.fields?.length === 0 && !isWhole && <p class="quiet">It takes no arguments.</p>}
        <p class="row">
          <button type="submit" disabled={isBusy}>Look over the call</button>
          {tool.fields !== null && <button type="button" disabled={isBusy} onClick={toggle}>{isWhole ? 'Use the fields' : 'Write JSON instead'}</button>}
        </p>
      </form>
      {filled.arguments !== undefined && <Confirm tool={tool} args={filled.arguments} isBusy={isBusy} onCall={(args) => void call(args)} />}
      <div role="status">
        {isBusy && <p class="row">The tool is called… <button type="button" onClick={() => stop.current?.abort()}>Stop the call</button></p>}
        {isStopped && <p>You ended the call: whether the tool did what it does is not known.</p>}
        {outcome !== undefined && <Said outcome={outcome} tool={tool} />}
      </div>
      {outcome?.problem === null && outcome.parts.map(({ kind, text }, index) => (kind === 'hidden'
        ? <p key={index} class="quiet long">{text}</p>
        : <Block key={index} text={text} what={`${HEADS[kind]} of the result, part ${index + 1}`} />))}
    </>
  );
}

interface ConfirmProps {
  readonly tool: ToldTool;
  readonly args: object;
  readonly isBusy: boolean;
  readonly onCall: (args: object) => void;
}

function Confirm({ tool, args, isBusy, onCall }: ConfirmProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <div class="confirm" role="group" aria-label="The call">
      <p>This calls <strong class="long">{tool.label}</strong> with the arguments below. It does what it does, at once.</p>
      <p class="quiet">{tool.hints.length === 0 ? 'The server claims nothing about it.' : `The server claims, unchecked: it ${tool.hints.join('; it ')}.`}</p>
      <Block text={JSON.stringify(args, null, 2)} what="Arguments of the call" canCopy={false} />
      <button ref={button} type="button" disabled={isBusy} onClick={() => onCall(args)}>Call {tool.label}</button>
    </div>
  );
}

const HEADS = { text: 'Text', structured: 'Structured', hidden: '' } as const;

/** What is said aloud of a result, which itself may be very long. */
function Said({ outcome, tool: { label } }: { readonly outcome: Outcome; readonly tool: ToldTool }): JSX.Element {
  if (outcome.problem !== null) return <p class="wrong message">{outcome.problem}</p>;
  const { isError, parts, isCut, milliseconds } = outcome;
  return (
    <>
      <p class={isError ? 'wrong' : ''}>
        {label} {isError ? 'says that it failed' : 'answered'} after {milliseconds} ms{parts.length === 0 && ', with nothing'}.
      </p>
      {isCut && <p class="wrong">The result is longer than what is shown of it, which is 1 MiB or 200 pieces.</p>}
    </>
  );
}
