// What floats over the page: the lines of a footnote while the pointer is on it, and "Ask about this" over words that
// were selected in a document.

const TALLEST = 280;   // pixels of a figure in a card

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
    const isKnown = !cite.gone && size && this.papers.has(cite.doc);
    if (isKnown && cite.figure) card.append(this.picture(cite));
    if (isKnown && here.length && !cite.figure) card.append(this.strip(cite, here, size));
    else card.append(make('p', '', `“${cite.quote}”`));
    const line = make('p');
    const printed = cite.label && cite.label !== String(cite.page) ? `, printed ${cite.label}` : '';
    const read = cite.source === 'ocr' ? `, ${READ_BY_OCR}` : '';
    line.append(make('b', '', cite.document), ` · page ${cite.page}${printed}${read} `, make('i', '', `· ${cite.says}`));
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
    const shown = [0, y0, 1, y1];
    const strip = this.cut(cite, cite.page, shown, [width, height]);
    const within = box => box[0] === cite.page && box[2] < y1;
    strip.append(...lit(boxes.filter(within), cite.focus.filter(within), shown));
    return strip;
  }

  /** The figure that a caption belongs to. */
  picture(cite) {
    const [page, ...box] = cite.figure;
    return this.cut(cite, page, box, this.papers.known(cite.doc).sizes[page - 1], cite.quote);
  }

  /** A piece of a page as an image; as high as fits into a card. */
  cut(cite, page, [x0, y0, x1, y1], [width, height], alt = '') {
    const ratio = ((x1 - x0) * width) / ((y1 - y0) * height);
    const strip = make('div', 'strip');
    strip.style.cssText = `aspect-ratio:${ratio.toFixed(4)};max-width:${Math.round(TALLEST * ratio)}px`;
    const image = new Image();
    image.alt = alt;
    image.loading = 'lazy';
    image.src = this.papers.image(cite.doc, page, 960, [x0, y0, x1, y1].map(side => side.toFixed(4)).join(','));
    strip.append(image);
    return strip;
  }

  place(card, chip) {
    card.style.left = `${Math.max(8, Math.min(innerWidth - card.offsetWidth - 8, chip.left - 40))}px`;
    if (chip.top > Math.max(280, card.offsetHeight + 16) || chip.top > innerHeight - chip.bottom) card.style.bottom = `${innerHeight - chip.top + 8}px`;
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
