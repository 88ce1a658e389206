import { type FormEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useRefusals } from '../../ui';
import { NO_PROBLEMS, type Problem, type Problems, problemsOf } from './problems';

interface FormSpec<V extends Record<string, string>> {
  initial: V;
  /** Problems that need no server, by field. */
  check: (values: V) => Partial<Record<keyof V, Problem>>;
  submit: (values: V) => Promise<void>;
  /** A last word on what a refusal means here. */
  explain?: (cause: unknown) => Problems | undefined;
}

/** Values, problems and the sending of one form. A field's problem goes away when the field changes. */
export function useForm<V extends Record<string, string>>({ initial, check, submit, explain }: FormSpec<V>) {
  const t = useTranslations('auth.problem');
  const refusals = useRefusals();
  const [values, setValues] = useState(initial);
  const [problems, setProblems] = useState<Problems>(NO_PROBLEMS);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const say = (problem: Problem | undefined) => {
    if (!problem) return undefined;
    return 'text' in problem
      ? problem.text
      : t(problem.key, { seconds: problem.seconds ?? 0, address: problem.address ?? '' });
  };

  const show = (found: Problems) => {
    setProblems(found);
    const [first] = Object.keys(initial).filter((name) => found.fields[name]);
    const wrong = first && form.current?.elements.namedItem(first);
    if (wrong instanceof HTMLElement) wrong.focus();
  };

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const found = check(values);
    if (Object.values(found).some(Boolean)) {
      show({ fields: found });
      return;
    }
    setBusy(true);
    setProblems(NO_PROBLEMS);
    try {
      await submit(values);
    } catch (cause) {
      show(explain?.(cause) ?? problemsOf(cause, Object.keys(initial), refusals));
    } finally {
      setBusy(false);
    }
  };

  const field = (name: keyof V & string) => ({
    name,
    value: values[name],
    error: say(problems.fields[name]),
    onChange: (event: { target: { value: string } }) => {
      const value = event.target.value;
      setValues((now) => ({ ...now, [name]: value }));
      setProblems((now) => (now.fields[name] ? { ...now, fields: { ...now.fields, [name]: undefined } } : now));
    },
  });

  return {
    values,
    busy,
    field,
    formError: say(problems.form),
    formProps: { ref: form, onSubmit: (event: FormEvent) => void onSubmit(event), noValidate: true },
  };
}
