// Read the page aloud, where the phone has a voice for its language.
const button = document.getElementById("aloud");
const language = document.documentElement.lang;
const voice = () => speechSynthesis.getVoices().find((one) => one.lang.toLowerCase().startsWith(language));

function offer() {
  if (button) button.hidden = !voice();
}

if (button && "speechSynthesis" in window) {
  const start = button.textContent;
  offer();
  speechSynthesis.addEventListener("voiceschanged", offer);
  button.addEventListener("click", () => {
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    const said = new SpeechSynthesisUtterance([...document.querySelectorAll("main :is(h1, h2, p, li, dt, dd, legend, label)")].map((one) => one.textContent).join(". "));
    Object.assign(said, { lang: language, voice: voice(), rate: 0.9 });
    said.onstart = () => (button.textContent = button.dataset.stop);
    said.onend = said.onerror = () => (button.textContent = start);
    speechSynthesis.speak(said);
  });
}
