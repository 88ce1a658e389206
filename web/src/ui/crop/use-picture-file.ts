/** The picture that is to be cropped, by whatever way it is given: chosen, dragged or pasted. */
import { type ClipboardEvent, type DragEvent, useState } from 'react';

/** `unreadable` is what is said where none of the files is a picture. Files are let go of anywhere in the element that gets
 * `handlers`, beside a button that does the same. */
export function usePictureFile(unreadable: string) {
  const [file, setFile] = useState<File>();
  const [problem, setProblem] = useState<string>();
  const take = (files: Iterable<File> | null | undefined) => {
    const picture = [...(files ?? [])].find(({ type }) => type.startsWith('image/'));
    setProblem(picture ? undefined : unreadable);
    setFile(picture);
  };
  // The page behind would take them for what one wants to send.
  const onDrag = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === 'drop') take(event.dataTransfer.files);
  };
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length > 0) take(event.clipboardData.files);
  };
  return { file, setFile, problem, setProblem, take, handlers: { onDragOver: onDrag, onDrop: onDrag, onPaste } };
}
