// Buttons that copy a text; they appear only where the browser can.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = /** @type {HTMLTextAreaElement | null} */ (document.getElementById(button.dataset.copy ?? ""));
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value);
    button.textContent = button.dataset.done ?? "";
  });
}
