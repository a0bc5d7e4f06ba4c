// The button that copies a feed's address. Where scripts do not run there is none, and the address
// stands in a field from which it can be copied by hand.

const field = document.getElementById("feed-address");
const part = document.getElementById("copy");
const button = part.querySelector("button");
const outcome = part.querySelector("output");

async function copy() {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy"); // pages without https are given no clipboard
  }
}

button.addEventListener("click", async () => {
  const copied = await copy();
  outcome.textContent = copied ? part.dataset.copied : part.dataset.selected;
  // Selecting takes the focus. If it was not copied, the field is where the next key belongs.
  if (copied) button.focus();
});
part.hidden = false;
