// What of a submitted form may leave the browser. The server redacts again; this is the first fence,
// so that secrets never travel at all.
import type { Fields } from "./transport";

/** Names of fields and parameters whose values nobody but the site may see. */
export const SENSITIVE =
  /pass(?!eng|age|ion)|pwd|card|^cc|cvv|cvc|csc|ssn|soc.*sec|iban|account.?n|routing|token|secret|csrf|xsrf|nonce|auth(?!or(?!i))|session|otp|\bpin\b|birth|dob|tax.?id/i;

const VALUE_CHARS_MAX = 200;
const SKIPPED = /^(password|hidden|file|submit|button|reset|image)$/;
const CARD_LIKE = /(?:\d[ -]?){13,19}/;

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function allowed(field: Field): boolean {
  const name = field.getAttribute("name");
  return (
    !!name &&
    !SKIPPED.test(field.type) &&
    !field.closest("[data-attune-ignore]") &&
    !/^cc-|password|one-time/.test(field.autocomplete) &&
    !SENSITIVE.test(name) &&
    !SENSITIVE.test(field.getAttribute("id") || "") &&
    !(/^(checkbox|radio)$/.test(field.type) && !(field as HTMLInputElement).checked)
  );
}

function valueOf(field: Field): string {
  const value =
    field.type === "select-multiple"
      ? Array.from((field as HTMLSelectElement).selectedOptions, (option) => option.value).join(
          ", ",
        )
      : field.value;
  return CARD_LIKE.test(value) ? "redacted" : value.slice(0, VALUE_CHARS_MAX);
}

/**
 * The `form` object of a form_submit event, or null when the form is not to be looked at.
 * `mode` is data-forms: "names" sends names with empty values, "off" nothing.
 */
export function describeForm(form: HTMLFormElement, mode: string | undefined): Fields | null {
  if (mode === "off" || form.closest("[data-attune-ignore]")) return null;
  const fields: Record<string, string> = {};
  // An input named "elements" or "id" hides the form's own property, hence the detours.
  for (const element of form.querySelectorAll<Field>("input,select,textarea")) {
    if (!allowed(element)) continue;
    const name = element.getAttribute("name")!;
    const value = mode === "names" ? "" : valueOf(element);
    fields[name] = fields[name] ? fields[name] + ", " + value : value;
  }
  return {
    id: form.getAttribute("id") || form.getAttribute("name") || "",
    method: (form.getAttribute("method") || "get").toLowerCase(),
    fields,
  };
}
