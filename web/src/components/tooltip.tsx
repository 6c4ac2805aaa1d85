// One tooltip for the whole page. Any element says what to show with data-tip="text"; it appears on
// hover after a moment and at once on keyboard focus, and Escape takes it away. The text must also be
// reachable without sight (aria-label or aria-describedby): this is the visual half only.

import { useEffect, useRef, useState } from "preact/hooks";

const delayMs = 350;
const gapPx = 8;

interface Shown {
  text: string;
  at: DOMRect;
}

export function TooltipLayer() {
  const [shown, setShown] = useState<Shown | null>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer = 0;
    let owner: Element | null = null;
    const hide = (): void => {
      clearTimeout(timer);
      owner = null;
      setShown(null);
    };
    const show = (target: EventTarget | null, waitMs: number): void => {
      const element = target instanceof Element ? target.closest("[data-tip]") : null;
      if (element === owner) return;
      hide();
      if (!element) return;
      owner = element;
      timer = window.setTimeout(() => {
        const text = element.getAttribute("data-tip");
        if (text && element.isConnected) setShown({ text, at: element.getBoundingClientRect() });
      }, waitMs);
    };
    const over = (event: PointerEvent): void => {
      if (event.pointerType === "mouse") show(event.target, delayMs);
    };
    const focus = (event: FocusEvent): void => {
      if (event.target instanceof Element && event.target.matches(":focus-visible"))
        show(event.target, 0);
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key === "Escape") hide();
    };
    document.addEventListener("pointerover", over);
    document.addEventListener("pointerdown", hide);
    document.addEventListener("focusin", focus);
    document.addEventListener("focusout", hide);
    document.addEventListener("keydown", key);
    addEventListener("scroll", hide, true);
    return () => {
      hide();
      document.removeEventListener("pointerover", over);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("focusin", focus);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("keydown", key);
      removeEventListener("scroll", hide, true);
    };
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!shown || !element) return;
    const { width, height } = element.getBoundingClientRect();
    const left = shown.at.left + shown.at.width / 2 - width / 2;
    const below = shown.at.top - height - gapPx < 0;
    element.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    element.style.top = `${below ? shown.at.bottom + gapPx : shown.at.top - height - gapPx}px`;
    element.style.visibility = "visible";
  }, [shown]);

  if (!shown) return null;
  return (
    <div class="tooltip" ref={box} aria-hidden="true">
      {shown.text}
    </div>
  );
}
