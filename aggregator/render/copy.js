// Adds a button to each row of feed links that copies the first address. Nothing on a page needs it.
(() => {
  const words = document.currentScript.dataset;
  const copied = async (text) => {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return true;
    }
    const field = document.createElement('textarea');
    field.value = text;
    field.readOnly = true;
    field.className = 'hidden';
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  };
  const said = document.createElement('p');
  said.className = 'hidden';
  said.setAttribute('role', 'status');
  document.body.append(said);
  for (const row of document.querySelectorAll('.buttons')) {
    const first = row.querySelector('a');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words.copy;
    button.setAttribute('aria-label', `${words.copy} ${first.textContent} – ${row.dataset.of || ''}`);
    button.addEventListener('click', async () => {
      const done = await copied(first.href).catch(() => false);
      button.textContent = done ? words.copied : words.failed;
      said.textContent = `${button.textContent}: ${first.href}`;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    row.append(button);
  }
})();
