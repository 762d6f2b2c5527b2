// A slider's value stands beside it as it moves.
document.addEventListener("input", (event) => {
  const slider = event.target;
  if (!(slider instanceof HTMLInputElement) || slider.type !== "range") return;
  const shown = document.querySelector<HTMLOutputElement>(`output[for="${slider.id}"]`);
  if (shown) shown.value = `${slider.value} %`;
});
