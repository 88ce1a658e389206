/** Which picture is looked at, in front of the room. */
import { create } from 'zustand';

export const useViewer = create<{ readonly fileId: number | undefined }>(() => ({ fileId: undefined }));
