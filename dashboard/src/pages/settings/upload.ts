// Sends a file, and says how far that is: fetch can't, XMLHttpRequest can.

import { ApiError, explain, path } from "$lib/api";
import { imports, type ImportKind } from "./manage";

/** `answer` is kept when the server has the file; it fails with ApiError, or DOMException AbortError after `abort`. */
export function upload(project: string, kind: ImportKind, file: File, ontold: (fraction: number) => void): { answer: Promise<void>; abort: () => void } {
  const sender = new XMLHttpRequest();
  const answer = new Promise<void>((keep, fail) => {
    sender.open("POST", path(imports(project), { kind, name: file.name }));
    sender.setRequestHeader("x-footfall", "1");
    sender.setRequestHeader("content-type", "application/octet-stream");
    sender.responseType = "json";
    sender.upload.onprogress = (event) => ontold(event.total ? event.loaded / event.total : 0);
    sender.onload = () => {
      if (sender.status < 300) return keep();
      const { message, code } = explain(sender.response);
      fail(new ApiError(sender.status, message || sender.statusText, code));
    };
    sender.onerror = () => fail(new ApiError(0, "", "unreachable"));
    sender.onabort = () => fail(new DOMException("", "AbortError"));
    sender.send(file);
  });
  return { answer, abort: () => sender.abort() };
}
