// The bar over the pages: which document, which page by both its numbers, how large; the menu and the list of keys.

const SHORTEST = 3;   // characters that the page field holds at least, and at most
const LONGEST = 8;

class Bar {
  /** tell: {pane(): the active pane, say(text)}. */
  constructor(root, papers, tell) {
    this.$ = selector => root.querySelector(selector);
    this.papers = papers;
    this.tell = tell;
    this.num = this.$('.num');
    this.num.addEventListener('focus', () => this.num.select());
    this.isEdited = false;   // something stands in the page field that is not yet obeyed
    this.num.addEventListener('input', () => { this.isEdited = true; this.hint(''); });
    this.num.addEventListener('keydown', e => { if (e.key === 'Enter') this.typed(); });
    this.num.addEventListener('blur', () => this.typed());
    this.$('.doc').addEventListener('change', e => tell.pane().open(e.target.value));
  }

  fillList(papers) {
    const names = JSON.stringify(papers.map(paper => [paper.id, paper.title]));
    if (names === this.listed) return;
    this.listed = names;
    this.$('.doc').replaceChildren(...papers.map(paper => new Option(paper.title, paper.id)));
    this.$('.doc').value = this.tell.pane().doc ?? '';
  }

  /** A document was laid out, or another pane is the active one. */
  opened() {
    const {doc, labels} = this.tell.pane();
    this.$('.doc').value = doc ?? '';
    this.$('.doc').title = this.papers.get(doc)?.name ?? '';
    this.isLabelled = labels.some((label, i) => label && label !== String(i + 1));
    const longest = Math.max(...labels.map(label => label?.length ?? 0), String(labels.length).length + (this.isLabelled ? 1 : 0));
    this.num.style.width = `${Math.min(LONGEST, Math.max(SHORTEST, longest)) + 1.5}ch`;
    this.isEdited = false;
    this.hint('');
    this.moved();
  }

  moved() {
    const {page, labels, scanned} = this.tell.pane();
    const n = labels.length;
    const label = labels[page - 1];
    this.$('.go').classList.toggle('empty', !n);
    this.$('.ocr').hidden = !scanned.has(page);
    if (!this.isEdited) this.num.value = this.isLabelled ? label || `#${page}` : page;
    this.$('.tot').textContent = this.isLabelled ? `· PDF ${page} of ${n}` : `of ${n}`;
    this.num.title = this.isLabelled
      ? `${label ? `Printed number ${label}` : 'No printed number'}, PDF page ${page} of ${n}. Type a printed number, or #${page} for the PDF’s own.`
      : `Page ${page} of ${n}`;
    this.zoomed();
  }

  zoomed() {
    const {zoom} = this.tell.pane();
    const level = `${Math.round(100 * zoom.level)} %`;
    this.$('.level b').textContent = level;
    this.$('.level').setAttribute('aria-label', `Size ${level}, and more`);
    this.$('[data-do="fit-page"]').setAttribute('aria-pressed', zoom.whole);
    this.$('[data-do="fit-width"]').setAttribute('aria-pressed', !zoom.whole && zoom.factor === 1);
  }

  typed() {
    const pane = this.tell.pane();
    if (!this.isEdited) return;
    this.isEdited = false;
    if (!pane.pages.length || !this.num.value.trim()) { this.moved(); return; }
    const {page, note} = pageTyped(this.num.value, pane.labels);
    if (page) pane.go(page); else this.moved();
    this.hint(note ?? '');
    this.tell.say(note ?? `${pageName(pane.labels, page, pane.scanned)} of ${pane.pages.length}`);
  }

  /** Say something under the bar; nothing takes it away. */
  hint(text) {
    this.$('.hint').textContent = text;
    this.$('.hint').hidden = !text;
  }

  // ----------------------------------------------------------------------------------------------------- menu

  get isMenuOpen() { return !this.$('.menu').hidden; }

  menu(opens = !this.isMenuOpen, {focus = true} = {}) {
    const had = this.$('.menu').contains(this.$('.menu').getRootNode().activeElement);
    this.$('.menu').hidden = !opens;
    this.$('.level').setAttribute('aria-expanded', opens);
    if (opens) this.$('.menu button').focus({preventScroll: true});
    else if (focus && had) this.$('.level').focus({preventScroll: true});
  }

  keys() {
    this.menu(false, {focus: false});
    this.$('.keys').showModal();
  }
}
