// A button with something that opens below it: closes on Escape, on a click elsewhere and when focus
// leaves, and gives the focus back.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

interface Props {
  label: string;
  /** What the button shows. */
  button: ComponentChildren;
  buttonClass?: string;
  tip?: string;
  align?: "left" | "right";
  /** "menu" moves through its items with the arrow keys; "dialog" is a small form. */
  role?: "menu" | "dialog";
  /** Lets a shortcut open it: the popover listens for this event on the window. */
  openOn?: string;
  children: (close: () => void) => ComponentChildren;
}

const items = '[role^="menuitem"]:not([aria-disabled="true"])';

export function Popover(props: Props) {
  const {
    label,
    button,
    buttonClass = "button",
    tip,
    align = "left",
    role = "menu",
    openOn,
  } = props;
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  const close = (): void => {
    setOpen(false);
    trigger.current?.focus();
  };

  useEffect(() => {
    if (!openOn) return;
    const show = (): void => setOpen(true);
    addEventListener(openOn, show);
    return () => removeEventListener(openOn, show);
  }, [openOn]);

  useEffect(() => {
    if (!open) return;
    const body = panel.current;
    const start =
      body?.querySelector<HTMLElement>('[aria-checked="true"], [data-autofocus]') ??
      body?.querySelector<HTMLElement>(`${items}, button, input`);
    start?.focus();
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);

  const onKey = (event: KeyboardEvent): void => {
    if (!open) {
      if (event.key === "ArrowDown" && event.target === trigger.current) {
        event.preventDefault();
        setOpen(true);
      }
      return;
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      return;
    }
    if (role !== "menu") return;
    const all = [...(panel.current?.querySelectorAll<HTMLElement>(items) ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined || all.length === 0) return;
    event.preventDefault();
    all[(next + all.length) % all.length]?.focus();
  };

  return (
    <div class="popover" ref={root} onKeyDown={onKey}>
      <button
        type="button"
        class={buttonClass}
        ref={trigger}
        aria-label={label}
        aria-haspopup={role}
        aria-expanded={open}
        {...(open ? { "aria-controls": id } : {})}
        {...(tip && !open ? { "data-tip": tip } : {})}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div class={`popover-panel ${align}`} id={id} role={role} aria-label={label} ref={panel}>
          {props.children(close)}
        </div>
      )}
    </div>
  );
}
