/** The fields of a room, for making and for changing one. */
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { charCount } from '../../lib/plain';
import { ApiError } from '../../net';
import { Banner, Field, Switch, TextArea, useRefusals } from '../../ui';
import './rooms.css';

export interface RoomValues {
  name: string;
  description: string;
  is_private: boolean;
}

export const NAME_CHARS = 100;
export const DESCRIPTION_CHARS = 500;

export function RoomForm({
  id,
  initial,
  onSubmit,
  onBusy,
  children,
}: {
  id: string;
  initial: RoomValues;
  onSubmit(values: RoomValues): Promise<void>;
  onBusy?(busy: boolean): void;
  children?: ReactNode;
}) {
  const t = useTranslations('roomDialogs');
  const refusals = useRefusals();
  const [values, setValues] = useState(initial);
  const [faults, setFaults] = useState<{ name?: string; description?: string; form?: string }>({});
  const change = (part: Partial<RoomValues>) => setValues((held) => ({ ...held, ...part }));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const name = values.name.trim();
    if (name === '' || charCount(name) > NAME_CHARS) {
      setFaults({ name: name === '' ? t('nameMissing') : t('nameTooLong', { max: NAME_CHARS }) });
      return;
    }
    if (charCount(values.description) > DESCRIPTION_CHARS) {
      setFaults({ description: t('purposeTooLong', { max: DESCRIPTION_CHARS }) });
      return;
    }
    onBusy?.(true);
    setFaults({});
    try {
      await onSubmit({ ...values, name, description: values.description.trim() });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const nameFault = refusals.ofField(error, 'name');
      const purposeFault = refusals.ofField(error, 'description');
      setFaults(
        nameFault || purposeFault
          ? { ...(nameFault ? { name: nameFault } : {}), ...(purposeFault ? { description: purposeFault } : {}) }
          : { form: refusals.say(error, t('unreachable')) },
      );
    } finally {
      onBusy?.(false);
    }
  };

  return (
    <form id={id} className="rf" onSubmit={(event) => void submit(event)} noValidate>
      {faults.form && <Banner tone="error">{faults.form}</Banner>}
      <Field
        label={t('name')}
        value={values.name}
        error={faults.name}
        autoFocus
        autoComplete="off"
        onChange={(event) => change({ name: event.target.value })}
      />
      <TextArea
        label={t('purpose')}
        hint={t('purposeHint')}
        value={values.description}
        error={faults.description}
        rows={2}
        onChange={(event) => change({ description: event.target.value })}
      />
      <Switch
        label={t('private')}
        hint={t('privateHint')}
        checked={values.is_private}
        onChange={(on) => change({ is_private: on })}
      />
      {children}
    </form>
  );
}
