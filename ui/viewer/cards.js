// What floats over the page: the lines of a footnote while the pointer is on it, and "Ask about this" over words that
// were selected in a document.

class Cards {
  constructor(root, papers) {
    this.root = root;
    this.papers = papers;
  }

  /** Show the lines of a footnote beside its link, or nothing. */
  preview(key, cite, target) {
    if (!cite) { this.hide(); return; }
    if (this.card?.dataset.key === key) return;
    this.hide();
    const card = make('div', 'card');
    card.dataset.key = key;
    card.setAttribute('aria-hidden', 'true');
    const here = cite.boxes.filter(box => box[0] === cite.page);
    const size = this.papers.known(cite.doc)?.sizes[cite.page - 1];
    if (!cite.gone && here.length && size && this.papers.has(cite.doc)) card.append(this.strip(cite, here, size));
    else card.append(make('p', '', `“${cite.quote}”`));
    const line = make('p');
    line.append(make('b', '', cite.document), ` · page ${cite.page}${cite.label && cite.label !== String(cite.page) ? `, printed ${cite.label}` : ''} `, make('i', '', `· ${cite.says}`));
    card.append(line);
    this.root.append(card);
    this.card = card;
    this.place(card, target.getBoundingClientRect());
  }

  /** The lines themselves: a strip across the page, as high as they are and a little more. */
  strip(cite, boxes, [width, height]) {
    const margin = 12 / height;
    const y0 = Math.max(0, Math.min(...boxes.map(box => box[2])) - margin);
    const y1 = Math.min(1, y0 + Math.min(170 / height, Math.max(...boxes.map(box => box[4])) + margin - y0));
    const strip = make('div', 'strip');
    strip.style.aspectRatio = `${width} / ${(y1 - y0) * height}`;
    const image = new Image();
    image.alt = '';
    image.src = this.papers.image(cite.doc, cite.page, 960, `0,${y0.toFixed(4)},1,${y1.toFixed(4)}`);
    strip.append(image);
    for (const [, ...box] of boxes) if (box[1] < y1) strip.append(Pages.prototype.mark(box, y0, y1 - y0));
    return strip;
  }

  place(card, chip) {
    card.style.left = `${Math.max(8, Math.min(innerWidth - card.offsetWidth - 8, chip.left - 40))}px`;
    if (chip.top > 280) card.style.bottom = `${innerHeight - chip.top + 8}px`;
    else card.style.top = `${chip.bottom + 8}px`;
  }

  hide() { this.card?.remove(); this.card = null; }

  // ------------------------------------------------------------------------------------------ ask about this

  /** Offer to ask about the words that are selected within `panes`; `asked` is called when they are taken. */
  offer(panes, asked) {
    this.button?.remove();
    this.button = null;
    const selection = this.root.getSelection?.() ?? getSelection();
    const text = selection?.toString().replace(/\s+/g, ' ').trim();
    if (!text || text.length < 4 || !selection.rangeCount) return;
    if (!panes.contains(selection.getRangeAt(0).commonAncestorContainer)) return;
    const where = selection.getRangeAt(0).getBoundingClientRect();
    if (!where.width) return;
    const button = make('button', 'ask', 'Ask about this');
    button.style.left = `${where.left + where.width / 2}px`;
    button.style.top = `${Math.max(70, where.top - 44)}px`;
    button.onpointerdown = event => { event.preventDefault(); asked(); this.ask(text.slice(0, 600)); button.remove(); };
    this.root.append(button);
    this.button = button;
  }

  /** Put the words into the question field, where the user goes on typing. */
  ask(text) {
    const field = document.querySelector('[data-testid="stChatInputTextArea"]');
    if (!field) return;
    const begun = field.value.trim();
    const value = `${begun ? `${begun} ` : ''}“${text}” `;
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, value);
    field.dispatchEvent(new Event('input', {bubbles: true}));
    field.focus();
    field.setSelectionRange(value.length, value.length);
  }
}
