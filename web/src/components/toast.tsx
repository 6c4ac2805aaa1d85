// Short confirmations ("Copied") at the edge of the screen, read out to screen readers.

import { useEffect, useState } from "preact/hooks";

let show: (text: string) => void = () => {};

export function toast(text: string): void {
  show(text);
}

export function ToastLayer() {
  const [text, setText] = useState("");
  useEffect(() => {
    let timer = 0;
    show = (next) => {
      clearTimeout(timer);
      setText(next);
      timer = window.setTimeout(() => setText(""), 3_000);
    };
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="toast-layer" role="status">
      {text && <div class="toast">{text}</div>}
    </div>
  );
}
