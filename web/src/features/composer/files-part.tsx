/** How files come into the tray of a place: picked, pasted or let go of over the page. What is seen of them comes later still. */
import {
  type ClipboardEvent,
  type ComponentType,
  type Ref,
  type RefObject,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { createPortal } from 'react-dom';
import { useTranslations } from 'use-intl';
import { isInUse, usePageKeys } from '../../lib/keys';
import { type Place, trayOf, useUploads } from '../../state';
import { toast } from '../../ui';
import { useFileDrop } from './use-file-drop';

/** Where a file may come from, as a browser knows it. */
export interface Source {
  readonly accept?: string;
  readonly camera?: boolean;
  /** It is made here and now. */
  readonly film?: boolean;
}

export interface FilesSightProps {
  place: Place;
  /** What the room is called. */
  title: string;
  /** There is something in the tray. */
  holds: boolean;
  /** Files are held over the page. */
  dragging: boolean;
  /** A finger asks where a file shall come from. */
  choosing: Element | null;
  onChoose(source: Source | undefined): void;
}

/** The files of a composer, handed in by `app/`. */
export interface FilesSupport {
  /** The tray, the menu of a finger, and what shows where files may be let go of. */
  readonly Sight: ComponentType<FilesSightProps>;
  /** What is recorded instead of picked. */
  readonly Recording: ComponentType<RecordingProps>;
  /** Puts them into the tray; rejects where the code for it did not come. */
  add(place: Place, files: readonly File[]): Promise<void>;
}

export interface RecordingProps {
  place: Place;
  /** A video is wanted. */
  filming: boolean;
  onFilm(wanted: boolean): void;
}

export interface FilesHandle {
  /** Asks for files; a finger is asked first where they shall come from. */
  ask(button: Element): void;
  /** True where what is pasted is files. */
  pasted(event: ClipboardEvent): boolean;
  /** Settles once all that was picked is in the tray; undefined where it is. Rejects where the code for it did not come. */
  coming(): Promise<unknown> | undefined;
}

export interface FilesPartProps {
  place: Place;
  title: string;
  /** Where one writes. */
  field: RefObject<HTMLElement | null>;
  /** Where further ways to say something stand, beside the button for files. */
  bar: Element | null;
  ref?: Ref<FilesHandle>;
}

const coarse = () => matchMedia('(pointer: coarse)').matches;

export function FilesPart({ files, place, title, field, bar, ref }: FilesPartProps & { files: FilesSupport }) {
  const ui = useTranslations('ui');
  const holds = useUploads(({ uploads }) => trayOf(uploads, place).length > 0);
  const input = useRef<HTMLInputElement>(null);
  const [filming, setFilming] = useState(false);
  const [choosing, setChoosing] = useState<Element | null>(null);
  const coming = useRef<Promise<unknown>>(undefined);

  const attach = (list: readonly File[]) => {
    if (list.length === 0) return;
    const all = Promise.all([coming.current, files.add(place, list)]);
    coming.current = all;
    all
      .catch(() =>
        toast({
          text: ui('part.missing'),
          tone: 'error',
          action: { label: ui('retry'), onAction: () => attach(list) },
        }),
      )
      .finally(() => {
        if (coming.current === all) coming.current = undefined;
      });
    field.current?.focus();
  };
  const pick = ({ accept = '', camera = false }: Source) => {
    if (!input.current) return;
    input.current.accept = accept;
    input.current.toggleAttribute('capture', camera);
    input.current.click();
  };
  const dragging = useFileDrop((list) => isInUse(field.current) && attach(list));
  usePageKeys({ attach: () => isInUse(field.current) && pick({}) });
  useImperativeHandle(ref, () => ({
    ask: (button) => (coarse() ? setChoosing(button) : pick({})),
    pasted: ({ clipboardData }) => {
      const list = [...clipboardData.files];
      // Words from an office program come with a picture of themselves.
      if (list.length === 0 || clipboardData.types.includes('text/rtf')) return false;
      attach(list);
      return true;
    },
    coming: () => coming.current,
  }));

  return (
    <>
      <files.Sight
        place={place}
        title={title}
        holds={holds}
        dragging={dragging}
        choosing={choosing}
        onChoose={(source) => {
          setChoosing(null);
          if (source?.film) setFilming(true);
          else if (source) pick(source);
        }}
      />
      {bar && createPortal(<files.Recording place={place} filming={filming} onFilm={setFilming} />, bar)}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          attach([...(target.files ?? [])]);
          target.value = '';
        }}
      />
    </>
  );
}
