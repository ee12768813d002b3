// Footnotes: plain links (#cite-<key>) anywhere in the app. Here they are lit, walked, previewed, fetched ahead, and two
// documents that one answer cites are shown side by side. Keys are <answer>-<n>.

const NARROW = matchMedia('(max-width: 640px)');
const READABLE = 1.8;       // size at which the lines of a page can be read on a phone
const FETCHED_AHEAD = 60;   // pages of the newest answer's footnotes
const CHIP = 'a[href*="#cite-"]';
const STEP = 'a[href*="#cite-"]:not(.fn-figure)';   // the picture of a figure stands beside its footnote
const keyOf = node => node?.closest?.(CHIP)?.getAttribute('href').split('#cite-')[1];
const answerOf = key => key?.slice(0, key.lastIndexOf('-'));

class Footnotes {
  /** parts: {papers, split, cards, both (the button), drawer(is it open), say(text), hint(text)}. */
  constructor(parts) {
    Object.assign(this, parts);
    this.all = {};
    this.lit = null;   // key of the footnote that was lit last
    this.library = '';
  }

  update(library, cites) {
    this.library = library;
    this.all = cites;
    if (this.lit && !cites[this.lit]) { this.split.close(); this.unlight(); }   // another chat, or a new one
    this.prefetch();
  }

  /** The footnote that was lit when the page was left. */
  last() {
    const [library, key] = JSON.parse(sessionStorage.getItem('footnote:cite') ?? '[]');
    return library === this.library && this.all[key] && !this.all[key].gone ? key : null;
  }

  /** Fetch the pages that are likely to be asked for next: those of the newest answer's footnotes. */
  prefetch() {
    const numbered = Object.entries(this.all).filter(([, cite]) => cite.n && !cite.gone);
    const newest = answerOf(numbered.at(-1)?.[0]);
    const pages = new Map(numbered.filter(([key]) => answerOf(key) === newest).map(([, cite]) => [`${cite.doc} ${cite.page}`, cite]));
    for (const cite of [...pages.values()].slice(0, FETCHED_AHEAD)) this.papers.prefetch(cite.doc, cite.page, this.split.active.width());
  }

  clicked(event) {
    const key = keyOf(event.target);
    if (!key || !this.all[key]) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(key);
  }

  /** Open the page of a footnote and light its lines up. */
  show(key, {drawer = true} = {}) {
    const cite = this.all[key];
    if (!cite) return;
    this.cards.hide();
    this.lit = key;
    sessionStorage.setItem('footnote:cite', JSON.stringify([this.library, key]));
    this.markChips();
    if (cite.gone) { this.say(`${cite.says}. It said: ${cite.quote}`); return; }
    if (drawer) this.drawer(true);
    const pane = this.split.paneFor(cite.doc);
    for (const other of this.split.panes) if (other !== pane && answerOf(other.cite?.key) !== answerOf(key)) this.unlightPane(other);
    this.split.activate(pane);
    this.light(pane, key, () => this.say(`${cite.n ? `Footnote ${cite.n}` : 'Passage'}, ${cite.document}, page ${cite.page}${cite.source === 'ocr' ? `, ${READ_BY_OCR}` : ''}: ${cite.quote}`));
  }

  /** Light a footnote up in a pane, in this instant when its document is known. */
  light(pane, key, done = () => {}) {
    const cite = this.all[key];
    pane.cite = {...cite, key};
    const reveal = () => {
      if (pane.cite?.key !== key || pane.doc !== cite.doc) return;
      if (NARROW.matches && pane.zoom.level < READABLE) pane.zoom.to(READABLE, {kept: false});
      pane.reveal(cite.page, cite.boxes, cite.figure);
      done();
    };
    const opened = pane.open(cite.doc);
    if (pane.doc === cite.doc) reveal(); else opened.then(reveal);
  }

  clear() {
    this.unlight();
    this.drawer(false);
  }

  unlightPane(pane) {
    pane.cite = null;
    pane.relight();
  }

  unlight() {
    this.cards.hide();
    this.lit = null;
    sessionStorage.removeItem('footnote:cite');
    this.split.panes.forEach(pane => this.unlightPane(pane));
    this.markChips();
  }

  markChips() {
    for (const chip of document.querySelectorAll(CHIP)) {
      if (keyOf(chip) === this.lit) chip.setAttribute('aria-current', 'true'); else chip.removeAttribute('aria-current');
    }
    this.both.hidden = !this.split.isSplit && !this.secondCite();
    this.both.setAttribute('aria-pressed', this.split.isSplit);
  }

  /** Walk the footnotes in reading order, from the newest answer when none is lit. */
  step(by) {
    const chips = [...document.querySelectorAll(STEP)].filter(
      chip => this.all[keyOf(chip)] && chip.checkVisibility());   // not those in a closed expander
    if (!chips.length) return;
    let at = chips.findIndex(chip => keyOf(chip) === this.lit);
    if (at >= 0) at = (at + by + chips.length) % chips.length;
    else {
      const newest = answerOf(keyOf(chips.at(-1)));
      at = chips.findIndex(chip => answerOf(keyOf(chip)) === newest);
    }
    chips[at].scrollIntoView({block: 'nearest'});
    this.show(keyOf(chips[at]));
  }

  preview(target) {
    const key = keyOf(target);
    const cite = key && this.all[key];
    if (cite && !cite.gone) this.papers.prefetch(cite.doc, cite.page, this.split.active.width());
    this.cards.preview(key, cite, target.closest?.(CHIP));
  }

  /** The first footnote of the lit answer that cites another document than the one that is shown. */
  secondCite() {
    if (!this.lit || this.all[this.lit]?.gone) return undefined;
    const shown = this.all[this.lit]?.doc;
    return Object.entries(this.all).find(([key, cite]) =>
      answerOf(key) === answerOf(this.lit) && cite.n && !cite.gone && cite.doc !== shown && this.papers.has(cite.doc))?.[0];
  }

  showBoth() {
    if (this.split.isSplit) { this.split.close(); this.say('One document.'); return; }
    const second = this.secondCite();
    if (!second) { this.hint('Two documents show side by side when an answer cites both: click one of its footnotes first.'); return; }
    const first = this.split.active;
    this.light(this.split.add(), second);
    this.light(first, this.lit);
    this.markChips();
    this.say(`Side by side: ${this.papers.get(this.all[this.lit].doc)?.title} and ${this.papers.get(this.all[second].doc)?.title}.`);
  }
}
