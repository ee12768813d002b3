// The outline of the document as a tree: a click goes to the page, the entry of the page that is shown is marked.

const FOLDED_FROM = 60;   // entries: a longer outline begins with its first level alone

class Outline {
  /** tell: {pane(): the pane whose document is meant, shown(is it open)}. */
  constructor(node, papers, tell) {
    this.node = node;
    this.papers = papers;
    this.tell = tell;
    this.tree = node.querySelector('.tree');
    this.note = node.querySelector('.none');
    this.entries = [];
    this.folded = new Set();
    this.tree.addEventListener('click', e => {
      const item = e.target.closest('[role=treeitem]');
      if (!item) return;
      if (e.target.closest('.twist') || item.getAttribute('aria-disabled')) this.fold(+item.dataset.i);
      else this.go(+item.dataset.i);
    });
    this.tree.addEventListener('keydown', e => this.pressed(e));
  }

  get isOpen() { return !this.node.hidden; }

  async open() {
    this.node.hidden = false;
    this.tell.shown(true);
    await this.moved();
    if (this.isOpen) (this.tree.querySelector('[tabindex="0"]') ?? this.node.querySelector('button')).focus({preventScroll: true});
  }

  shut() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    this.tell.shown(false);
  }

  /** Another page, document or pane is looked at. */
  async moved() {
    if (!this.isOpen) return;
    const {doc} = this.tell.pane();
    if (doc !== this.doc) {
      this.doc = doc;
      this.draw([], '');
      if (!doc) return;
      try {
        const entries = await this.papers.outline(doc);
        if (this.doc === doc) this.draw(entries, 'This document has no outline.');
      } catch {
        if (this.doc === doc) { this.draw([], 'The outline could not be read. Try again.'); this.doc = null; }
      }
    }
    this.mark();
  }

  draw(entries, none) {
    const {labels} = this.tell.pane();
    this.entries = entries;
    this.note.textContent = entries.length ? '' : none;
    this.tree.hidden = !entries.length;
    const first = Math.min(...entries.map(entry => entry.level));
    this.folded = new Set(entries.length < FOLDED_FROM ? [] : entries.keys());
    this.tree.replaceChildren(...entries.map(({level, title, page}, i) => {
      const item = make('div');
      item.setAttribute('role', 'treeitem');
      item.setAttribute('aria-level', level - first + 1);
      item.tabIndex = i ? -1 : 0;
      item.dataset.i = i;
      item.style.setProperty('--level', level - first);
      const twist = make('span', 'twist');
      item.append(twist, make('span', 'title', title));
      if (page) {
        const label = labels[page - 1] || String(page);
        item.append(make('span', 'at', label));
        item.title = `${title} · ${pageName(labels, page)}`;
        item.setAttribute('aria-label', `${title}, page ${label}`);
      } else item.setAttribute('aria-disabled', 'true');
      return item;
    }));
    this.hide();
  }

  hasChildren(i) { return this.entries[i + 1]?.level > this.entries[i].level; }

  parent(i) {
    let at = i - 1;
    while (at >= 0 && this.entries[at].level >= this.entries[i].level) at -= 1;
    return at;
  }

  /** Hide what stands under a folded entry. */
  hide() {
    let under = Infinity;
    this.entries.forEach(({level}, i) => {
      const item = this.tree.children[i];
      if (level <= under) under = Infinity;
      item.hidden = under < Infinity;
      if (!this.hasChildren(i)) return;
      item.setAttribute('aria-expanded', !this.folded.has(i));
      if (!item.hidden && this.folded.has(i)) under = level;
    });
    this.mark();
  }

  fold(i) {
    if (!this.hasChildren(i)) return;
    if (!this.folded.delete(i)) this.folded.add(i);
    this.hide();
  }

  /** Mark the last entry that begins on the page or before it, or what it is folded into. */
  mark() {
    const {page} = this.tell.pane();
    let current = -1;
    this.entries.forEach((entry, i) => { if (entry.page && entry.page <= page && (current < 0 || entry.page >= this.entries[current].page)) current = i; });
    while (current >= 0 && this.tree.children[current].hidden) current = this.parent(current);
    for (const item of this.tree.children) item.removeAttribute('aria-current');
    const item = this.tree.children[current];
    if (!item) return;
    item.setAttribute('aria-current', 'true');
    if (this.tree.contains(this.tree.getRootNode().activeElement)) return;   // who walks the tree stays where they are
    this.rove(current);
    const {offsetTop, offsetHeight} = item;
    this.tree.scrollTop = Math.max(Math.min(this.tree.scrollTop, offsetTop - 40), offsetTop + offsetHeight + 40 - this.tree.clientHeight);
  }

  /** Make this entry the one that Tab reaches. */
  rove(i) {
    for (const item of this.tree.children) item.tabIndex = +item.dataset.i === i ? 0 : -1;
  }

  go(i) {
    const {page} = this.entries[i];
    this.rove(i);
    if (page) this.tell.pane().go(page);
  }

  pressed(event) {
    const i = +event.target.dataset.i;
    const shown = [...this.tree.children].filter(item => !item.hidden);
    const at = shown.indexOf(event.target);
    const to = {
      ArrowDown: () => shown[at + 1],
      ArrowUp: () => shown[at - 1],
      Home: () => shown[0],
      End: () => shown.at(-1),
      ArrowRight: () => (this.folded.has(i) ? this.fold(i) : this.hasChildren(i) && this.tree.children[i + 1]),
      ArrowLeft: () => (this.hasChildren(i) && !this.folded.has(i) ? this.fold(i) : this.tree.children[this.parent(i)]),
      Enter: () => this.go(i),
      ' ': () => this.go(i),
    }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const item = to();
    if (!item) return;
    this.rove(+item.dataset.i);
    item.focus();
  }
}
