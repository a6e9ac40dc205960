// Short notes that something was done, or was not.

export interface Toast {
  id: number;
  text: string;
  isError: boolean;
}

const SHOWN_MS = 5000;

class Toasts {
  all = $state<Toast[]>([]);
  #next = 1;

  say(text: string, { isError = false } = {}): void {
    const id = this.#next++;
    this.all = [...this.all.slice(-2), { id, text, isError }];
    setTimeout(() => this.dismiss(id), isError ? 2 * SHOWN_MS : SHOWN_MS);
  }

  dismiss(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
