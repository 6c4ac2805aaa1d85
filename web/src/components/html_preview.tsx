// Somebody's HTML, shown without trust: a frame in which nothing runs, nothing is sent and no link
// leads anywhere. The page's policy goes for it too, and forbids inline styles; those are set here, by
// the object model, which is what the frame's origin is for. Without scripts that origin can do nothing.

import { useRef } from "preact/hooks";
import { forFrame } from "../lib/templates";

export function HtmlPreview({ html, title }: { html: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const applyStyles = (): void => {
    const inside = frame.current?.contentDocument;
    const view = inside?.defaultView as (Window & typeof globalThis) | null | undefined;
    if (!inside || !view) return;
    for (const element of inside.querySelectorAll<HTMLElement>("[data-style]"))
      element.style.cssText = element.getAttribute("data-style") ?? "";
    inside.adoptedStyleSheets = [...inside.querySelectorAll('script[type="held"]')].map((each) => {
      const sheet = new view.CSSStyleSheet();
      sheet.replaceSync(each.textContent ?? "");
      return sheet;
    });
  };
  return (
    <iframe
      ref={frame}
      class="preview-frame"
      title={title}
      sandbox="allow-same-origin"
      srcDoc={forFrame(html)}
      onLoad={applyStyles}
    />
  );
}
