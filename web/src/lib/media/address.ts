/** Where the bytes of a file are had. */

/** As a page shows or plays it. */
export const fileUrl = (id: number): string => `/api/files/${id}`;

/** A smaller picture of it, so many pixels at its longer side. */
export const thumbUrl = (id: number, size: number): string => `/api/files/${id}?thumb=${size}`;

/** As a file to keep, whatever it is. */
export const downloadUrl = (id: number): string => `/api/files/${id}/download`;
