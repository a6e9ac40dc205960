/** A name for a file: letters and digits of any script, hyphens between. */
export const slug = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "footfall";
