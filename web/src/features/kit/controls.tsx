import { Mail, Plus, Search, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import {
  Button,
  type ButtonVariant,
  Checkbox,
  Field,
  IconButton,
  PasswordField,
  RadioGroup,
  SegmentedControl,
  Select,
  Slider,
  Switch,
  Tabs,
  TextArea,
} from '../../ui';
import { Specimen } from './specimen';

const VARIANTS: readonly ButtonVariant[] = ['primary', 'quiet', 'plain', 'caution', 'danger'];

/** Buttons in every state. */
export function Buttons() {
  const t = useTranslations('kit');
  return (
    <>
      <Specimen name="Button">
        {VARIANTS.map((variant) => (
          <div className="kit-row" key={variant}>
            <Button variant={variant} size="small">
              {t('save')}
            </Button>
            <Button variant={variant}>{t('save')}</Button>
            <Button variant={variant} icon={<Plus aria-hidden="true" />}>
              {t('save')}
            </Button>
            <Button variant={variant} disabled>
              {t('save')}
            </Button>
            <Button variant={variant} busy>
              {t('save')}
            </Button>
            <Button variant={variant} size="large">
              {t('save')}
            </Button>
          </div>
        ))}
      </Specimen>
      <Specimen name="IconButton">
        <div className="kit-row">
          <IconButton label={t('search')} keys="Ctrl+F">
            <Search aria-hidden="true" />
          </IconButton>
          <IconButton label={t('search')} size="small">
            <Search aria-hidden="true" />
          </IconButton>
          <IconButton label={t('search')} pressed>
            <Search aria-hidden="true" />
          </IconButton>
          <IconButton label={t('remove')} disabled>
            <Trash2 aria-hidden="true" />
          </IconButton>
        </div>
      </Specimen>
    </>
  );
}

/** Fields in every state. */
export function Fields() {
  const t = useTranslations('kit');
  const [text, setText] = useState('');
  return (
    <Specimen name="Field, PasswordField, TextArea, Select">
      <div className="kit-grid">
        <Field label={t('label')} hint={t('hint')} placeholder={t('placeholder')} />
        <Field label={t('label')} error={t('error')} defaultValue="maya@" />
        <Field label={t('label')} icon={<Mail aria-hidden="true" />} defaultValue="maya@example.com" />
        <Field label={t('label')} disabled defaultValue={t('placeholder')} />
        <PasswordField label={t('password')} hint={t('hint')} defaultValue="four plain words" />
        <PasswordField label={t('password')} error={t('error')} defaultValue="123" />
        <TextArea
          label={t('label')}
          limit={60}
          hint={t('hint')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <SelectSpecimen />
      </div>
    </Specimen>
  );
}

function SelectSpecimen() {
  const t = useTranslations('kit');
  const [role, setRole] = useState<'member' | 'admin' | 'owner'>('member');
  return (
    <Select
      label={t('role')}
      value={role}
      options={[
        { value: 'member', label: t('roles.member') },
        { value: 'admin', label: t('roles.admin') },
        { value: 'owner', label: t('roles.owner') },
      ]}
      onChange={setRole}
    />
  );
}

/** Switches, boxes, radios, segments, slider. */
export function Choices() {
  const t = useTranslations('kit');
  const [on, setOn] = useState(true);
  const [role, setRole] = useState<'member' | 'admin' | 'owner'>('admin');
  const [scale, setScale] = useState(110);
  const [tab, setTab] = useState<'all' | 'online'>('all');
  const roles = (['member', 'admin', 'owner'] as const).map((value) => ({ value, label: t(`roles.${value}`) }));
  return (
    <>
      <Specimen name="Switch, Checkbox">
        <div className="kit-grid">
          <Switch label={t('option')} hint={t('hint')} checked={on} onChange={setOn} />
          <Switch label={t('option')} checked={!on} onChange={() => setOn(!on)} />
          <Checkbox label={t('option')} hint={t('hint')} checked={on} onChange={setOn} />
          <Checkbox label={t('option')} checked={!on} onChange={() => setOn(!on)} />
          <Switch label={t('option')} checked disabled onChange={setOn} />
          <Checkbox label={t('option')} checked={false} disabled onChange={setOn} />
        </div>
      </Specimen>
      <Specimen name="RadioGroup, SegmentedControl, Slider">
        <div className="kit-grid">
          <RadioGroup
            label={t('role')}
            value={role}
            options={roles.map((one) => ({ ...one, hint: t('hint') }))}
            onChange={setRole}
          />
          <div className="kit-stack">
            <SegmentedControl label={t('role')} value={role} options={roles} onChange={setRole} />
            <Slider
              label={t('size')}
              value={scale}
              min={87}
              max={150}
              step={1}
              text={t('percent', { value: scale })}
              onChange={setScale}
            />
          </div>
        </div>
      </Specimen>
      <Specimen name="Tabs">
        <Tabs
          label={t('people')}
          value={tab}
          tabs={[
            { value: 'all', label: t('all'), count: 128 },
            { value: 'online', label: t('online'), count: 3 },
          ]}
          onChange={setTab}
        >
          <p>{t('hint')}</p>
        </Tabs>
      </Specimen>
    </>
  );
}
