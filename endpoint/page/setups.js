// How clients are pointed here, and the buttons that copy.

import { announce, find, put } from "./dom.js";

/** Write the samples. `model`: the name to show; `needsKey`: whether callers have to show one. */
export function showSetups(model, needsKey) {
  const base = `${location.origin}/v1`;
  const key = needsKey ? "YOUR-API-KEY" : "none";
  put("base-url", base);
  put("setup-env", `export OPENAI_BASE_URL=${base}\nexport OPENAI_API_KEY=${key}`);
  put(
    "setup-curl",
    [
      `curl ${base}/chat/completions \\`,
      `  -H "Content-Type: application/json" \\`,
      ...(needsKey ? [`  -H "Authorization: Bearer ${key}" \\`] : []),
      `  -d '{"messages": [{"role": "user", "content": "Hello"}]}'`,
    ].join("\n"),
  );
  put(
    "setup-python",
    [
      "from openai import OpenAI",
      "",
      `client = OpenAI(base_url="${base}", api_key="${key}")`,
      "answer = client.chat.completions.create(",
      `    model=${JSON.stringify(model)},`,
      `    messages=[{"role": "user", "content": "Hello"}],`,
      ")",
      "print(answer.choices[0].message.content)",
    ].join("\n"),
  );
}

/** Let every button with `data-copies` copy the text of the element of that id. */
export function startCopying() {
  for (const button of document.querySelectorAll("[data-copies]")) {
    const name = find(button.dataset.copies).getAttribute("aria-label") ?? "base URL";
    button.setAttribute("aria-label", `Copy: ${name}`);
    button.addEventListener("click", () => copy(button, find(button.dataset.copies).textContent));
  }
}

/** Copy a text, and tell so on the button that was pressed for it. */
export async function copy(button, text) {
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    isCopied = copyBySelection(button, text); // no clipboard for pages over plain HTTP from another machine
  }
  button.textContent = isCopied ? "Copied" : "Failed";
  announce(isCopied ? "Copied." : "It could not be copied.");
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1500);
}

function copyBySelection(button, text) {
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  button.focus();
  return isCopied;
}
