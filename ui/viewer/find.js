// Words found in the document: a field, a list of all places with their pages, marks on the pages. The server looks;
// here is only what was found and where one is in it.

class Find {
  /** tell: {pane(): the pane to look in, say(text), shown(is it open)}. */
  constructor(node, papers, tell) {
    this.node = node;
    this.papers = papers;
    this.tell = tell;
    this.words = node.querySelector('.words');
    this.count = node.querySelector('.count');
    this.list = node.querySelector('.hits');
    this.hits = [];
    this.at = -1;
    this.words.addEventListener('input', () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.look(), 120); });
    this.words.addEventListener('keydown', e => {
      if (e.key !== 'Enter') return;
      e.preventDefault();
      this.step(e.shiftKey ? -1 : 1);
    });
    this.list.addEventListener('click', e => {
      const entry = e.target.closest('[data-hit]');
      if (entry) this.select(+entry.dataset.hit);
    });
  }

  get isOpen() { return !this.node.hidden; }

  open() {
    this.node.hidden = false;
    this.tell.shown(true);
    this.words.focus();
    this.words.select();
    if (this.words.value) this.look();
  }

  shut() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    this.clear('');
    this.tell.shown(false);
  }

  /** Another document or another pane is looked at: look there. */
  moved() { if (this.isOpen && (this.pane !== this.tell.pane() || this.doc !== this.pane.doc)) this.look({jumps: false}); }

  clear(text) {
    this.asking?.abort();
    clearTimeout(this.typing);
    this.asked = null;
    this.show([], text);
  }

  /** Ask the server; `jumps`: go to the first place from the page that is shown on. */
  async look({jumps = true} = {}) {
    clearTimeout(this.typing);
    this.asking?.abort();
    const words = this.words.value.trim();
    const pane = this.tell.pane();
    if (this.pane && this.pane !== pane) this.mark(new Map());   // the other one is looked at no more
    this.pane = pane;
    this.doc = pane.doc;
    this.asked = words;
    if (!words || !pane.doc) { this.clear(''); return; }
    const asking = (this.asking = new AbortController());
    let found;
    try {
      found = await this.papers.find(pane.doc, words, asking.signal);
    } catch (error) {
      if (asking === this.asking && error.name !== 'AbortError') this.show([], 'The words could not be looked for. Try again.');
      return;
    }
    if (asking !== this.asking || pane.doc !== this.doc) return;
    const more = found.n_hits > found.hits.length ? ` The first ${found.hits.length} are listed.` : '';
    const none = pane.pages.length ? 'Nothing found.' : 'This document has no pages yet.';
    this.show(found.hits, found.n_hits ? `${counted(found.n_hits, 'hit')} on ${counted(found.n_pages, 'page')}.${more}` : none);
    this.tell.say(this.count.textContent);
    if (!jumps || !this.hits.length) return;
    const from = this.hits.findIndex(hit => hit.page >= pane.page);
    this.select(from < 0 ? 0 : from, {says: false});
  }

  show(hits, text) {
    this.hits = hits;
    this.at = -1;
    this.count.textContent = text;
    this.list.replaceChildren(...hits.map((hit, i) => this.entry(hit, i)));
    const places = new Map();
    hits.forEach((hit, i) => hit.boxes.forEach(([page, ...box]) => {
      if (!places.has(page)) places.set(page, []);
      places.get(page).push([i, box]);
    }));
    this.mark(places);
  }

  mark(places) {
    if (!this.pane) return;
    this.pane.found = places;
    this.pane.hit = this.at;
    this.pane.relight();
  }

  entry(hit, i) {
    const entry = make('li');
    const button = make('button');
    button.type = 'button';
    button.dataset.hit = i;
    const line = make('span', 'line');
    line.append(`${hit.before ? '…' : ''}${hit.before}`, make('mark', '', hit.words), `${hit.after}${hit.after ? '…' : ''}`);
    button.append(make('b', '', pageName(this.pane.labels, hit.page, this.pane.scanned)), line);
    entry.append(button);
    return entry;
  }

  /** Go to the next place, or the one before; what is typed and not yet looked for is looked for first. */
  step(by) {
    if (this.words.value.trim() !== this.asked) { this.look(); return; }
    if (this.hits.length) this.select((this.at + by + this.hits.length) % this.hits.length);
  }

  select(i, {says = true} = {}) {
    const hit = this.hits[i];
    this.list.querySelector('[aria-current]')?.removeAttribute('aria-current');
    this.at = this.pane.hit = i;
    this.pane.reveal(hit.page, hit.boxes);
    const button = this.list.children[i].firstChild;
    button.setAttribute('aria-current', 'true');
    const {offsetTop, offsetHeight} = this.list.children[i];
    this.list.scrollTop = Math.max(Math.min(this.list.scrollTop, offsetTop - 8), offsetTop + offsetHeight + 8 - this.list.clientHeight);
    if (says) this.tell.say(`Hit ${i + 1} of ${this.hits.length}, ${pageName(this.pane.labels, hit.page, this.pane.scanned)}: ${hit.before}${hit.words}${hit.after}`);
  }
}
