// The form of one tool: a field for each simple argument, JSON for the rest.
import type { JSX } from 'preact';
import type { ToldField } from '../told.ts';
import { idOf, WHOLE, type Inputs } from './values.ts';

interface FieldsProps {
  readonly parent: string;
  readonly inputs: Inputs;
  readonly problems: ReadonlyMap<string, string>;
  readonly onInput: (id: string, text: string) => void;
}

export function Fields({ fields, parent, ...rest }: FieldsProps & { readonly fields: readonly ToldField[] }): JSX.Element {
  const idAt = (index: number): string => idOf(parent, index);
  return <>{fields.map((field, index) => <Field key={idAt(index)} field={field} id={idAt(index)} parent={parent} {...rest} />)}</>;
}

/** All arguments as one text. */
export function WholeField({ inputs, problems, onInput }: FieldsProps): JSX.Element {
  return (
    <Labelled id={WHOLE} label="Arguments as a JSON object" isRequired description="" problem={problems.get(WHOLE)}>
      {(attributes) => (
        <textarea {...attributes} rows={8} value={inputs[WHOLE] ?? ''} onInput={({ currentTarget: { value } }) => onInput(WHOLE, value)} />
      )}
    </Labelled>
  );
}

const HINTS: Partial<Record<ToldField['kind'], string>> = { number: 'number', integer: 'whole number', list: 'one on each line', json: 'JSON' };

function Field({ field, id, inputs, problems, onInput }: FieldsProps & { readonly field: ToldField; readonly id: string }): JSX.Element {
  const { kind, label, description, isRequired, fields, choices } = field;
  if (kind === 'group') {
    return (
      <fieldset>
        <legend>{label}{isRequired && ' (required)'}</legend>
        {description !== '' && <p class="quiet">{description}</p>}
        <Fields fields={fields} parent={id} inputs={inputs} problems={problems} onInput={onInput} />
      </fieldset>
    );
  }
  const value = inputs[id] ?? '';
  const options = kind === 'boolean' ? ['true', 'false'].map((json) => ({ label: json, json })) : choices;
  return (
    <Labelled id={id} label={label} hint={HINTS[kind]} isRequired={isRequired} description={description} problem={problems.get(id)}>
      {(attributes) => {
        const listeners = { onInput: ({ currentTarget }: { currentTarget: { value: string } }) => onInput(id, currentTarget.value) };
        if (kind === 'boolean' || kind === 'choice') {
          return (
            <select {...attributes} value={value} {...listeners}>
              <option value="">not given</option>
              {options.map(({ label: option, json }, index) => <option key={`${json} ${index}`} value={json}>{option}</option>)}
            </select>
          );
        }
        if (kind === 'list' || kind === 'json') return <textarea {...attributes} rows={3} value={value} {...listeners} />;
        return kind === 'text'
          ? <textarea {...attributes} rows={1} value={value} {...listeners} />
          : <input {...attributes} type="text" inputMode="decimal" value={value} {...listeners} />;
      }}
    </Labelled>
  );
}

interface LabelledProps extends Pick<ToldField, 'label' | 'description' | 'isRequired'> {
  readonly id: string;
  readonly hint?: string | undefined;
  readonly problem: string | undefined;
  readonly children: (attributes: object) => JSX.Element;
}

function Labelled({ id, label, hint, description, isRequired, problem, children }: LabelledProps): JSX.Element {
  const described = [...(description === '' ? [] : [`${id}-about`]), ...(problem === undefined ? [] : [`${id}-problem`])].join(' ');
  const notes = [...(hint === undefined ? [] : [hint]), ...(isRequired ? ['required'] : [])].join(', ');
  const attributes = {
    id, spellcheck: false, 'aria-required': isRequired, 'aria-invalid': problem !== undefined, ...(described !== '' && { 'aria-describedby': described }),
  };
  return (
    <div class="field">
      <label for={id}>{label}{notes !== '' && <span class="quiet"> ({notes})</span>}</label>
      {description !== '' && <p class="quiet" id={`${id}-about`}>{description}</p>}
      {children(attributes)}
      {problem !== undefined && <p class="wrong" id={`${id}-problem`}>{problem}</p>}
    </div>
  );
}
