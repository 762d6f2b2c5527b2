// A text that is too long for a field of a form travels as a file of it: `data-large` names the field for files.
const LONGEST = 200_000;

document.addEventListener("formdata", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target : null;
  for (const field of form?.querySelectorAll<HTMLTextAreaElement>("textarea[data-large]") ?? []) {
    if (field.value.length > LONGEST) moveIntoFile(event.formData, field);
  }
});

function moveIntoFile(data: FormData, field: HTMLTextAreaElement): void {
  const name = field.dataset.large ?? "";
  const chosen = data.get(name);
  const more = chosen instanceof File ? ["\n", chosen] : [];
  data.set(name, new File([field.value, ...more], "typed.txt", { type: "text/plain" }));
  data.set(field.name, "");
}
