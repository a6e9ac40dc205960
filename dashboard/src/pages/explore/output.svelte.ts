// What an answer can be taken away as: a CSV file, a picture, the requests that it came from.

import { downloadCsv, download } from "$lib/csv";
import { slug } from "./slug";

export interface Sheet {
  header: string[];
  rows: (string | number | null)[][];
}

/** A picture as a `data:` address; undefined if there is nothing to be drawn yet. */
export type Picture = () => string | undefined | Promise<string | undefined>;

/** Filled by whatever shows an answer, read by what offers it. */
export class Output {
  /** Addresses of the requests, without their origin. */
  addresses = $state.raw<string[]>([]);
  sheet = $state.raw<Sheet>();
  picture = $state.raw<Picture>();

  tell(addresses: (string | null)[], sheet: Sheet | undefined, picture?: Picture): void {
    this.addresses = addresses.filter((each) => each !== null);
    this.sheet = sheet;
    this.picture = picture;
  }

  saveSheet(name: string): void {
    if (this.sheet) downloadCsv(slug(name), this.sheet.header, this.sheet.rows);
  }

  /** Whether there was one. */
  async savePicture(name: string): Promise<boolean> {
    const address = await this.picture?.();
    if (!address) return false;
    const [, encoded = ""] = address.split(",");
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    download(`${slug(name)}.png`, new Blob([bytes], { type: "image/png" }));
    return true;
  }
}
