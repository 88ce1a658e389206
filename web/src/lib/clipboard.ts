/** Copying text. Reading what others copied is none of our business. */

/** Rejects where the browser does not allow it. */
export async function copyText(text: string): Promise<void> {
  // Browsers keep the clipboard from pages that came over plain HTTP from another machine; those have the old way.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const give = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', give, { capture: true });
  const copied = document.execCommand('copy');
  document.removeEventListener('copy', give, { capture: true });
  if (!copied) throw new Error('the browser refused to copy');
}
