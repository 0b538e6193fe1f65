import { connection } from "../api.ts";
import { announcements, dismiss, toasts } from "./announce.ts";
import { Icon } from "./icon.tsx";

/** The corner where short messages appear, and the regions that speak. */
export function Live() {
  const [first, second] = announcements.value;
  return (
    <>
      <div class="visually-hidden" aria-live="polite" aria-atomic="true">
        {first}
      </div>
      <div class="visually-hidden" aria-live="polite" aria-atomic="true">
        {second}
      </div>
      <div class="toasts">
        {toasts.value.map((toast) => (
          <div key={toast.id} class={`toast ${toast.kind}`}>
            <span>{toast.text}</span>
            {toast.action && (
              <button
                type="button"
                class="toast-action"
                onClick={() => {
                  toast.action?.run();
                  dismiss(toast.id);
                }}
              >
                {toast.action.label}
              </button>
            )}
            <button
              type="button"
              class="toast-close"
              aria-label="Dismiss"
              onClick={() => dismiss(toast.id)}
            >
              <Icon name="close" size={16} />
            </button>
          </div>
        ))}
      </div>
    </>
  );
}

/** Told only once a connection was there: the first one takes its moment. */
let wasOpen = false;

export function ConnectionBanner() {
  const status = connection.value;
  if (status === "open") wasOpen = true;
  const lost = wasOpen && status !== "open";
  return (
    <div role="status">
      {lost && (
        <div class="banner">
          <span class="spinner" />
          <span>
            {status === "closed"
              ? "The connection has ended. Reload the page to go on."
              : "Connection lost. What you see may be out of date; reconnecting…"}
          </span>
        </div>
      )}
    </div>
  );
}
